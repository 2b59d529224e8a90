"""Normalisation layers and the head, nothing else."""

from __future__ import annotations

from headstart.methods.norm_only import NormOnly
from headstart.train.groups import parameter_groups
from tests.methods.situations import PHOTOS
from tests.train.tiny import tiny_model


def test_scales_shifts_and_the_head_are_trained_and_nothing_decays() -> None:
    strategy = NormOnly().strategy(PHOTOS)
    groups = parameter_groups(tiny_model()[0], strategy)
    names = {name for group in groups for name in group.parameters}
    assert names == {
        *(f"backbone.{part}.1.{kind}" for part in ("first", "second") for kind in ("weight", "bias")),
        "head.linear.weight",
        "head.linear.bias",
    }
    assert {group.weight_decay for group in groups} == {0.0}
    assert (strategy.start, strategy.normalisation) == ("probe", "frozen")
