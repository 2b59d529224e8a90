"""Features of length 1, and heads on them."""

from __future__ import annotations

import pytest
import torch

from headstart.models.backbone import Features
from headstart.tasks.classification import PooledLinear
from headstart.tasks.unit_length import UnitLength


def test_embeddings_have_length_one() -> None:
    embeddings = UnitLength()(Features(pooled=torch.randn(3, 8).bfloat16()))
    assert embeddings.dtype == torch.float32
    torch.testing.assert_close(embeddings.norm(dim=1), torch.ones(3))
    with pytest.raises(ValueError, match="no pooled features"):
        UnitLength()(Features(tokens=torch.zeros(1, 2, 3)))


def test_a_head_on_them_does_not_hear_how_long_the_features_are() -> None:
    head = UnitLength(PooledLinear(8, 3))
    pooled = torch.randn(4, 8)
    torch.testing.assert_close(head(Features(pooled=pooled)), head(Features(pooled=7 * pooled)))
    torch.testing.assert_close(
        head(Features(pooled=pooled)), head.head(Features(pooled=pooled / pooled.norm(dim=1, keepdim=True)))
    )
