"""Outputs of any form in the loop: lifted to float32, and summed up."""

from __future__ import annotations

import torch

from headstart.models.backbone import Features
from headstart.tasks.structured import StructuredTask
from headstart.tasks.task import features_for, in_float32, sum_of
from tests.pixels import PixelTask
from tests.train.tiny import TinyBackbone


def test_every_floating_tensor_is_lifted_and_nothing_else_changes() -> None:
    outputs = {"scores": [torch.ones(2, dtype=torch.bfloat16)], "places": torch.tensor([3])}
    lifted = in_float32(outputs)
    assert lifted["scores"][0].dtype == torch.float32
    assert lifted["places"].dtype == torch.int64


def test_the_sum_takes_in_all_floating_tensors() -> None:
    assert float(sum_of((torch.ones(2), [torch.full((3,), 2.0)], torch.tensor([7])))) == 8.0


def test_a_head_that_says_nothing_takes_pooled_features() -> None:
    features = features_for(torch.nn.Linear(1, 1), TinyBackbone(), torch.zeros(1, 3, 8, 8))
    assert isinstance(features, Features)
    assert features.pooled is not None


def test_the_stand_in_is_what_the_protocol_asks_for() -> None:
    wanted = {name for name in vars(StructuredTask) if not name.startswith("_") and name != "probe"}
    assert all(hasattr(PixelTask(), name) for name in wanted)
