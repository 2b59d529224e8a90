"""Time and memory of a network on this machine."""

from __future__ import annotations

import time

import pytest
import torch
from torch import Tensor

from headstart import models
from headstart.core.candidates import Cost, Limits
from headstart.core.card import Architecture, InputFacts, ModelCard
from headstart.models.backbone import Backbone, Features
from headstart.models.cost import latency
from headstart.models.cost.latency import measure_latency, over

COST = Cost(
    device="cpu",
    precision="float32",
    threads=1,
    size=(8, 8),
    single_ms=12.0,
    batch_ms=5.0,
    batch=16,
    repeats=3,
    memory=2_000_000,
    training_memory=9_000_000,
)


class Sleeper(Backbone):
    """Takes a given time for a call and a given time more for each item."""

    def __init__(self, *, call: float, item: float) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(4, 4)
        self.card = ModelCard(id="m", source="timm", input=InputFacts(size=(2, 2), channels=1, mean=(0,), std=(1,)))
        self.architecture = Architecture(source="timm", name="m")
        self.width = 4
        self.call, self.item = call, item
        self.seen: list[int] = []

    def forward(self, inputs: Tensor) -> Features:
        self.seen.append(len(inputs))
        time.sleep(self.call + self.item * len(inputs))
        return Features(pooled=self.layer(inputs.flatten(1)))

    def layer_groups(self) -> list[tuple[str, ...]]:
        return [tuple(name for name, _ in self.named_parameters())]


def test_times_are_those_of_an_item_alone_and_in_a_batch() -> None:
    cost = measure_latency(Sleeper(call=0.01, item=0.001), seconds=0.6)
    assert 11 <= cost.single_ms < 40
    assert cost.batch == 16 or cost.single_ms > 9.3  # a busy machine makes single items slower, and batches smaller
    assert 1 + 10 / cost.batch <= cost.batch_ms < cost.single_ms
    assert cost.repeats >= 2


def test_a_batch_is_no_larger_than_the_time_allows() -> None:
    sleeper = Sleeper(call=0, item=0.02)
    begun = time.perf_counter()
    cost = measure_latency(sleeper, seconds=0.4)
    assert cost.batch <= 5
    assert time.perf_counter() - begun < 4


def test_a_network_that_takes_longer_than_the_time_is_run_all_the_same() -> None:
    cost = measure_latency(Sleeper(call=0.05, item=0), seconds=0.001)
    assert (cost.repeats, cost.batch) == (1, 1)
    assert cost.single_ms >= 50


def test_memory_is_weights_and_what_runs() -> None:
    cost = measure_latency(Sleeper(call=0, item=0), seconds=0.01)
    weights, pooled = 4 * (4 * 4 + 4), 4 * 4
    assert cost.memory == weights + pooled
    assert cost.training_memory == 4 * weights + latency.TRAINING_BATCH * pooled


def test_the_backbone_is_left_as_it_is() -> None:
    backbone = models.load("starter/tiny-resnet").train()
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    measure_latency(backbone, seconds=0.05)
    assert backbone.training
    assert all(parameter.requires_grad and parameter.is_contiguous() for parameter in backbone.parameters())
    assert all(torch.equal(value, before[name]) for name, value in backbone.state_dict().items())


def test_a_real_network_at_its_own_size_and_at_another() -> None:
    backbone = models.load("starter/tiny-resnet")
    own = measure_latency(backbone, seconds=0.2)
    larger = measure_latency(backbone, seconds=0.2, size=(128, 128), precision="bfloat16")
    assert (own.size, larger.size, larger.precision) == ((64, 64), (128, 128), "bfloat16")
    assert own.memory < own.training_memory
    assert own.device == "cpu"


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (Limits(), None),
        (Limits(max_latency_ms=12, max_memory=2_000_000), None),
        (Limits(max_latency_ms=11), r"one item takes 12 ms here \(cpu\), more than 11 ms"),
        (Limits(max_memory=1_000_000), "it needs 2 MB, more than 1 MB"),
    ],
)
def test_what_is_over_the_limits(limits: Limits, why: str | None) -> None:
    found = over(COST, limits)
    assert found is None if why is None else found == why.replace("\\", "")
