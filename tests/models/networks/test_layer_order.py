"""Groups of parameters by the order of registration."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from headstart.models.networks.layer_order import by_registration


def test_a_group_is_a_block() -> None:
    names = [
        "vit.embeddings.cls_token",
        "vit.embeddings.patch.projection.weight",
        "vit.layers.0.attention.query.weight",
        "vit.layers.0.output.weight",
        "vit.layers.1.output.weight",
        "vit.layernorm.weight",
    ]
    assert by_registration(names) == [
        tuple(names[:2]),
        tuple(names[2:4]),
        ("vit.layers.1.output.weight",),
        ("vit.layernorm.weight",),
    ]


def test_a_block_inside_a_stage_counts_and_what_is_inside_a_block_does_not() -> None:
    names = ["r.stages.0.layers.0.layer.0.weight", "r.stages.0.layers.0.layer.1.weight", "r.stages.0.layers.1.bias"]
    assert by_registration(names) == [tuple(names[:2]), tuple(names[2:])]


@given(st.lists(st.lists(st.sampled_from(["a", "b", "0", "1", "2"]), min_size=1, max_size=5), unique_by=tuple))
def test_every_name_is_in_one_group(parts: list[list[str]]) -> None:
    names = [".".join(words) for words in parts]
    grouped = [name for group in by_registration(names) for name in group]
    assert sorted(grouped) == sorted(names)
