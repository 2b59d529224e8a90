"""Where the maps of a detector's backbone are, and what its own head starts from."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from headstart.core.card import Architecture, ModelCard
from headstart.models.backbone import Features
from headstart.models.networks.detector import DetectorHead
from headstart.models.networks.detector_backbone import DetectorBackbone
from tests.models.networks.test_detector import Named


class Levels(nn.Module):
    """Two maps, of strides 4 and 8."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 5, 4, stride=4), nn.Conv2d(5, 7, 2, stride=2)
        self.norm = nn.BatchNorm2d(5)

    def levels(self, inputs: Tensor) -> tuple[Tensor, ...]:
        fine = self.norm(self.first(inputs))
        return fine, self.second(fine)


class Detecting(DetectorBackbone):
    """The least that a library has to add."""

    def forward(self, inputs: Tensor) -> Features:
        return Features(pooled=torch.cat([one.mean((2, 3)) for one in self.body.levels(inputs)], 1))

    def layer_groups(self) -> Sequence[tuple[str, ...]]:
        return [tuple(name for name, _ in self.named_parameters())]

    def fresh_head(self, labels: int) -> DetectorHead:
        return Named(labels)


def detecting(*gives: str) -> Detecting:
    """A backbone whose card promises these."""
    card = ModelCard.model_validate({"id": "./d", "source": "test", "gives": gives})
    return Detecting(Levels(), card=card, architecture=Architecture(source="test", name="d"), width=12, head=None)


def test_channels_and_strides_are_those_of_the_maps_and_looking_changes_nothing() -> None:
    backbone = detecting("boxes").train()
    before = backbone.body.norm.running_mean.clone()
    assert backbone.map_channels == (5, 7)
    assert backbone.map_strides == (4, 8)
    assert backbone.body.training
    assert torch.equal(backbone.body.norm.running_mean, before)


def test_a_head_starts_from_what_was_kept() -> None:
    backbone, learnt = detecting("pooled", "boxes"), Named(9)
    fresh = backbone.own_head(2)
    assert isinstance(fresh, Named)
    assert not torch.equal(fresh.tower.weight, learnt.tower.weight)
    backbone.take_own_head(learnt.class_free())
    for labels in (2, 4):
        head = backbone.own_head(labels)
        assert isinstance(head, Named)
        assert torch.equal(head.tower.weight, learnt.tower.weight)
        assert head.classes.out_features == labels
    assert not any("tower" in name for name in backbone.state_dict())


def test_a_card_that_promises_no_boxes_has_no_head() -> None:
    assert detecting("pooled").own_head(2) is None
