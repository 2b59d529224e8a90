"""How long a training's own steps take: all that belongs to a step counts, and nothing is changed by it."""

from __future__ import annotations

import copy
import time
from collections.abc import Generator, Sequence
from typing import Any

import pytest
import torch

from headstart.core.dataset import Indices
from headstart.train import trial
from headstart.train.feed import Batch
from headstart.train.settings import TrainSettings
from headstart.train.trial import AT_ONCE, EPOCHS, STEPS, seconds_per_item
from tests.train.tiny import TensorFeed, strategy, tiny_feed, tiny_model

SETTINGS = TrainSettings(description="trial")


class SlowFeed(TensorFeed):
    """Every batch takes its time to be made."""

    pause = 0.05

    def batches(self, chunks: Sequence[Indices], *, epoch: int, device: str) -> Generator[Batch]:
        for batch in super().batches(chunks, epoch=epoch, device=device):
            time.sleep(self.pause)
            yield batch


def test_the_model_and_random_numbers_are_left_as_they_are_and_nothing_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model, task = tiny_model()
    before, modes = copy.deepcopy(model.state_dict()), [module.training for module in model.modules()]
    torch.manual_seed(3)
    wanted = torch.rand(1)
    torch.manual_seed(3)
    assert seconds_per_item(model, task, tiny_feed(), strategy(), settings=SETTINGS) > 0
    assert torch.equal(torch.rand(1), wanted)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert [module.training for module in model.modules()] == modes
    assert capsys.readouterr().err == ""


def test_it_is_the_best_pass_over_the_same_few_items_after_one_that_warms_up(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = tiny_feed(100)
    # two items to see how the network runs, then a pass that warms up, and two that count
    clock = iter([0.0, 1.0, 10.0, 90.0, 100.0, 103.0, 200.0, 202.0])
    model, task = tiny_model()
    monkeypatch.setattr(trial.time, "perf_counter", lambda: next(clock))
    found = seconds_per_item(model, task, feed, strategy(batch_size=32), settings=SETTINGS)
    assert found == 2.0 / (AT_ONCE * STEPS)
    _, *steps = feed.seen
    assert [len(step) for step in steps] == [AT_ONCE] * STEPS * EPOCHS
    assert len({item for step in steps for item in step}) == AT_ONCE * STEPS


def test_making_the_batches_counts() -> None:
    model, task = tiny_model()
    plain = tiny_feed(16)
    slow = SlowFeed(plain.inputs, plain.targets.numpy())
    assert seconds_per_item(model, task, slow, strategy(batch_size=8), settings=SETTINGS) > slow.pause / 8


def test_layers_that_join_later_are_in_it_and_rates_break_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    train = trial.train

    def watched(*arguments: Any, **further: Any) -> Any:
        asked.append(arguments[3])
        return train(*arguments, **further)

    monkeypatch.setattr(trial, "train", watched)
    model, task = tiny_model()
    wild = strategy(thaw=0.9, steps=1000, batch_size=8).model_copy(
        update={"rules": tuple(rule.model_copy(update={"learning_rate": 1e4}) for rule in strategy().rules)}
    )
    assert seconds_per_item(model, task, tiny_feed(), wild, settings=SETTINGS) > 0
    assert asked[0].thaw == 0
    assert asked[0].steps is None


@pytest.mark.parametrize("items", [1, 3])
def test_few_items_are_enough(items: int) -> None:
    model, task = tiny_model()
    assert seconds_per_item(model, task, tiny_feed(items), strategy(), settings=SETTINGS) > 0
