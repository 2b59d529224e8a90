"""What a view is made of."""

from __future__ import annotations

import pytest

from headstart.views import VIEWS
from headstart.views.kind import Kind


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        (Kind(networks=("pretrained",)), False),
        (Kind(networks=("tuned",), solved=False), True),
        (Kind(networks=("pretrained", "tuned"), stages=True), True),
    ],
)
def test_a_fine_tuned_network_is_needed_where_it_has_a_part(kind: Kind, needed: bool) -> None:
    assert kind.needs_tuned == needed


def test_only_a_head_that_was_trained_with_its_network_is_not_solved() -> None:
    for kind in VIEWS.values():
        if not kind.solved:
            assert kind.networks == ("tuned",)
            assert not kind.stages
