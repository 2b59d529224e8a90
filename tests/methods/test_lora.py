"""Low-rank updates and the head."""

from __future__ import annotations

from headstart.methods.lora import Lora
from headstart.train.adapter import belongs_to_adapter, insert
from headstart.train.groups import parameter_groups
from tests.methods.situations import PHOTOS
from tests.train.tiny import tiny_model


def test_the_body_is_frozen_beside_its_updates() -> None:
    strategy = Lora().strategy(PHOTOS)
    assert strategy.adapter is not None
    model, _ = tiny_model()
    insert(model, strategy.adapter)
    names = {name for group in parameter_groups(model, strategy) for name in group.parameters}
    assert {name for name in names if not belongs_to_adapter(name)} == {"head.linear.weight", "head.linear.bias"}
    assert len(names) == 2 + 4
    assert strategy.start == "probe"
