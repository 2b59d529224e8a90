"""What the backbones of every library share: a body, and the classifier beside it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from headstart.core.card import Architecture, ModelCard
from headstart.models.backbone import Features
from headstart.models.headless import HeadlessBackbone
from headstart.models.source_head import SourceHead


class Through(HeadlessBackbone):
    def forward(self, inputs: Tensor) -> Features:
        return Features(pooled=self.body(inputs))

    def layer_groups(self) -> Sequence[tuple[str, ...]]:
        return []


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
