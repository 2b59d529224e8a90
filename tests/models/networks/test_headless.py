"""What the backbones of every library share: a body, and the classifier beside it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn

from headstart.core.card import Architecture, ModelCard
from headstart.core.errors import ModelError
from headstart.models.backbone import Features
from headstart.models.networks.headless import HeadlessBackbone, TracedBackbone
from headstart.models.networks.source_head import SourceHead


class Through(HeadlessBackbone):
    def forward(self, inputs: Tensor) -> Features:
        return Features(pooled=self.body(inputs))

    def layer_groups(self) -> Sequence[tuple[str, ...]]:
        return []


class ThroughTraced(TracedBackbone):
    def forward(self, inputs: Tensor) -> Features:
        return Features(pooled=self.body(inputs).flatten(1))

    def layer_groups(self) -> Sequence[tuple[str, ...]]:
        return []


def traced(body: nn.Module | None = None) -> ThroughTraced:
    halving = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.Conv2d(4, 6, 3, stride=2, padding=1))
    card, architecture = ModelCard(id="timm/x", source="timm"), Architecture(source="timm", name="x")
    return ThroughTraced(body or halving, card=card, architecture=architecture, width=6, head=None)


def backbone(head: SourceHead | None) -> Through:
    card, architecture = ModelCard(id="timm/x", source="timm"), Architecture(source="timm", name="x")
    return Through(nn.Identity(), card=card, architecture=architecture, width=3, head=head)


def test_the_old_classifier_answers_and_is_no_part_of_what_is_saved() -> None:
    linear = nn.Linear(3, 5)
    with_head = backbone(SourceHead.of(linear))
    pooled = torch.arange(6.0).reshape(2, 3)
    logits = with_head.source_logits(pooled)
    assert logits is not None
    torch.testing.assert_close(logits, linear(pooled))
    assert with_head.state_dict() == {}


def test_without_a_classifier_there_are_no_logits() -> None:
    assert backbone(None).source_logits(torch.zeros(1, 3)) is None


def test_a_traced_body_gives_the_maps_that_it_said() -> None:
    network = traced().eval()
    assert network.map_channels == (4, 6)
    assert network.map_strides == (2, 4)
    maps = network.forward_maps(torch.zeros(1, 3, 64, 64)).maps
    assert maps is not None
    assert [tuple(each.shape) for each in maps] == [(1, 4, 32, 32), (1, 6, 16, 16)]


def test_a_body_without_convolutions_says_that_it_has_no_maps() -> None:
    network = traced(nn.Linear(3, 2))
    assert network.map_channels == ()
    with pytest.raises(ModelError, match="gives no feature maps"):
        network.forward_maps(torch.zeros(1, 3, 8, 8))
