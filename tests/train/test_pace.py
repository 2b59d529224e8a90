"""How long a step takes here: measured without leaving a trace."""

from __future__ import annotations

import copy
import time

import pytest
import torch
from torch import Tensor

from headstart.core.card import InputFacts
from headstart.core.runtime import Precision
from headstart.models.backbone import Features
from headstart.train import pace as pace_module
from headstart.train.pace import REPEATS, TRIAL, seconds_per_item, uneven
from tests.train.tiny import TinyBackbone, strategy, tiny_model

FACTS = InputFacts(size=(16, 24))


def test_the_model_and_random_numbers_are_left_as_they_are() -> None:
    model, _ = tiny_model()
    model.backbone.requires_grad_(False)
    before, modes = copy.deepcopy(model.state_dict()), [module.training for module in model.modules()]
    torch.manual_seed(3)
    wanted = torch.rand(1)
    torch.manual_seed(3)
    assert seconds_per_item(model, strategy(), facts=FACTS, device="cpu") > 0
    assert torch.equal(torch.rand(1), wanted)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert [module.training for module in model.modules()] == modes
    assert not any(parameter.requires_grad for parameter in model.backbone.parameters())
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize(("train_size", "size"), [(None, (16, 24)), (8, (8, 8))])
def test_it_is_one_item_of_the_best_step_at_the_size_that_is_trained_at(
    monkeypatch: pytest.MonkeyPatch, train_size: int | None, size: tuple[int, int]
) -> None:
    shapes: list[tuple[int, ...]] = []
    forward = TinyBackbone.forward

    def watched(self: TinyBackbone, inputs: Tensor) -> Features:
        shapes.append(tuple(inputs.shape))
        assert not self.first[1].training  # statistics of batch norms are kept in training, too
        return forward(self, inputs)

    # the first step takes 50 s to warm up, the others 3, 2 and 4
    clock = iter([0.0, 50.0, 100.0, 103.0, 200.0, 202.0, 300.0, 304.0])
    monkeypatch.setattr(TinyBackbone, "forward", watched)
    monkeypatch.setattr(pace_module.time, "perf_counter", lambda: next(clock))
    recipe = strategy(train_size=train_size, batch_size=32)
    found = seconds_per_item(tiny_model()[0], recipe, facts=FACTS, device="cpu")
    assert found == 2.0 / TRIAL
    assert {shape[1:] for shape in shapes} == {(3, *size)}
    # once a single picture, to see how the network runs; then whole trials, in a part for each core
    assert shapes[0][0] == 1
    assert sum(shape[0] for shape in shapes) == 1 + TRIAL * (1 + REPEATS)


@pytest.mark.parametrize("normalisation", ["frozen", "trained"])
def test_batch_norms_run_as_they_will_in_training(monkeypatch: pytest.MonkeyPatch, normalisation: str) -> None:
    seen: list[bool] = []
    forward = TinyBackbone.forward

    def watched(self: TinyBackbone, inputs: Tensor) -> Features:
        seen.append(self.first[1].training)
        return forward(self, inputs)

    monkeypatch.setattr(TinyBackbone, "forward", watched)
    seconds_per_item(tiny_model()[0], strategy(normalisation=normalisation), facts=FACTS, device="cpu")
    assert set(seen) == {normalisation == "trained"}


def test_a_slow_network_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    forward = TinyBackbone.forward

    def slow(self: TinyBackbone, inputs: Tensor) -> Features:
        time.sleep(0.05)
        return forward(self, inputs)

    monkeypatch.setattr(TinyBackbone, "forward", slow)
    found = seconds_per_item(tiny_model()[0], strategy(), facts=FACTS, device="cpu")
    assert found >= 0.05 / TRIAL


def test_a_trial_is_no_larger_than_the_batches_of_the_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 50.0, *([100.0, 103.0] * REPEATS)])
    monkeypatch.setattr(pace_module.time, "perf_counter", lambda: next(clock))
    small = strategy().model_copy(update={"batch_size": 6})
    assert seconds_per_item(tiny_model()[0], small, facts=FACTS, device="cpu") == 3.0 / 6


def test_gradients_of_a_trial_are_no_rounding_behind_a_trained_batch_norm() -> None:
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    network(torch.rand(8, 3, 6, 6)).sum().backward()
    rounding = network[0].weight.grad.abs().max()
    network.zero_grad()
    uneven({"maps": network(torch.rand(8, 3, 6, 6)), "count": torch.tensor(3)})["maps"].sum().backward()
    assert network[0].weight.grad.abs().max() > 1000 * rounding


@pytest.mark.parametrize(("precision", "dtype"), [("float32", torch.float32), ("bfloat16", torch.bfloat16)])
def test_a_trial_runs_in_the_precision_of_the_training(
    monkeypatch: pytest.MonkeyPatch, precision: Precision, dtype: torch.dtype
) -> None:
    """On processors that multiply sixteen bits, a trial in full precision took twice as long as the training did."""
    seen: set[torch.dtype] = set()
    forward = TinyBackbone.forward

    def watched(self: TinyBackbone, inputs: Tensor) -> Features:
        found = forward(self, inputs)
        assert found.pooled is not None
        seen.add(found.pooled.dtype)
        return found

    model = tiny_model()[0]
    monkeypatch.setattr(TinyBackbone, "forward", watched)
    seconds_per_item(model, strategy(normalisation="trained"), facts=FACTS, device="cpu", precision=precision)
    assert seen == {dtype}
