"""A backbone and a head as one module."""

from __future__ import annotations

import torch

from tests.train.tiny import tiny_model


def test_names_start_with_the_part_they_belong_to() -> None:
    model, _ = tiny_model()
    assert {name.partition(".")[0] for name in model.state_dict()} == {"backbone", "head"}


def test_the_model_is_the_head_on_the_backbone() -> None:
    model, _ = tiny_model()
    inputs = torch.randn(2, 3, 8, 8)
    torch.testing.assert_close(model.eval()(inputs), model.head(model.backbone(inputs)))
