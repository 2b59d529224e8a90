"""Whether bfloat16 moves the features of a frozen network too far."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from headstart.core.runtime import Precision
from headstart.core.strategy import Plan
from headstart.features.rounding import MOST_ROUNDING, precision_for, rounding
from headstart.models.backbone import Backbone, Features
from tests.features.samples import FACTS, TinyBackbone


class Sensitive(TinyBackbone):
    """Features that are small differences of large numbers, which rounding wipes out."""

    def forward(self, inputs: Tensor) -> Features:
        return Features(pooled=(self.stem(inputs + 1000) - self.stem(torch.full_like(inputs, 1000))).mean((2, 3)))


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.setattr("headstart.core.runtime._has_bfloat16", lambda device: True)
    return Plan.model_construct(precision="auto", input=FACTS)


def test_a_network_that_rounding_hardly_moves_computes_in_bfloat16(plan: Plan) -> None:
    assert 0 < rounding(TinyBackbone().eval(), facts=FACTS, device="cpu") < MOST_ROUNDING
    assert precision_for(TinyBackbone().eval(), plan, frozen=True, device="cpu") == "bfloat16"


def test_one_that_it_moves_does_not_while_it_is_frozen(plan: Plan) -> None:
    backbone = Sensitive().eval()
    assert rounding(backbone, facts=FACTS, device="cpu") > MOST_ROUNDING
    assert precision_for(backbone, plan, frozen=True, device="cpu") == "float32"
    assert precision_for(backbone, plan, frozen=False, device="cpu") == "bfloat16"


@pytest.mark.parametrize("asked", ["float32", "bfloat16"])
def test_what_was_asked_for_holds(plan: Plan, asked: Precision) -> None:
    backbone: Backbone = Sensitive().eval()
    given = plan.model_copy(update={"precision": asked})
    assert precision_for(backbone, given, frozen=True, device="cpu") == asked


def test_without_the_hardware_nothing_is_computed(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headstart.core.runtime._has_bfloat16", lambda device: False)
    monkeypatch.setattr("headstart.features.rounding.rounding", None)
    assert precision_for(Sensitive(), plan, frozen=True, device="cpu") == "float32"
