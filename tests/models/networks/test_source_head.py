"""The head of the source task."""

from __future__ import annotations

import torch
from torch import nn

from headstart.models.networks.source_head import SourceHead


def test_a_linear_layer() -> None:
    layer, pooled = nn.Linear(6, 4), torch.randn(3, 6)
    head = SourceHead.of(layer)
    assert head is not None
    torch.testing.assert_close(head(pooled), layer(pooled))
    assert not head(pooled).requires_grad


def test_it_does_not_follow_the_layer_that_it_came_from() -> None:
    layer, pooled = nn.Linear(6, 4), torch.randn(3, 6)
    head = SourceHead.of(layer)
    assert head is not None
    before = head(pooled)
    nn.init.zeros_(layer.weight)
    assert torch.equal(head(pooled), before)


def test_a_pointwise_convolution_is_linear() -> None:
    layer, pooled = nn.Conv2d(6, 4, 1, bias=False), torch.randn(3, 6)
    head = SourceHead.of(layer)
    assert head is not None
    torch.testing.assert_close(head(pooled), layer(pooled[:, :, None, None]).flatten(1))


def test_half_precision_features_give_full_precision_logits() -> None:
    head = SourceHead.of(nn.Linear(6, 4))
    assert head is not None
    assert head(torch.randn(3, 6).bfloat16()).dtype == torch.float32


def test_anything_that_does_more_is_no_head() -> None:
    others = (nn.Identity(), (nn.Linear(2, 2), nn.Linear(2, 2)), nn.Conv2d(4, 4, 3), nn.Conv2d(4, 4, 1, groups=2))
    assert [SourceHead.of(other) for other in others] == [None] * len(others)
