"""The batch that fits: a power of two where the whole one does not."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
import torch
from torch import Tensor, nn

from headstart.core.errors import TrainingError
from headstart.train import batch_size
from headstart.train.batch_size import bytes_per_item, largest_fitting
from headstart.train.loop import TrainSettings, train
from tests.train.tiny import strategy, tiny_feed, tiny_model

INPUTS = torch.randn(2, 3, 8, 8)


def fitting(
    free: int, monkeypatch: pytest.MonkeyPatch, *, batch: int = 48, modality: str = "image", whole: bool = False
) -> int:
    monkeypatch.setattr(batch_size, "free_memory", lambda device: free)
    model, _ = tiny_model()
    model.backbone.card = model.backbone.card.model_copy(update={"modality": modality})

    def backward(inputs: Tensor) -> None:
        model(inputs).sum().backward()

    return largest_fitting(model, INPUTS, batch=batch, backward=backward, whole=whole)


def test_bytes_are_what_a_layer_keeps() -> None:
    layer = torch.nn.Sequential(torch.nn.Linear(100, 50), torch.nn.ReLU())
    inputs = torch.randn(4, 100)
    kept = bytes_per_item(inputs, lambda given: layer(given).sum().backward())
    assert kept == 4 * (100 + 50)


def test_the_whole_batch_is_taken_where_it_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fitting(10**9, monkeypatch) == 48


def test_a_power_of_two_is_taken_where_it_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = [fitting(free, monkeypatch) for free in (200_000, 400_000, 800_000)]
    assert sizes == sorted(sizes)
    assert all(size & (size - 1) == 0 for size in sizes[:2])
    assert 1 <= sizes[0] < 48


def test_a_batch_that_is_wanted_whole_is_taken_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fitting(10**9, monkeypatch, whole=True) == 48
    with pytest.raises(TrainingError, match=r"A batch of 48 does not fit.*compared with each other"):
        fitting(200_000, monkeypatch, whole=True)


def test_no_room_for_one_item_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TrainingError, match="Not even one picture") as caught:
        fitting(100, monkeypatch)
    assert "--image-size" in caught.value.hint


def test_no_room_for_a_text_is_told_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TrainingError, match="Not even one text at a time") as caught:
        fitting(100, monkeypatch, modality="text")
    assert "--image-size" not in caught.value.hint
    assert "smaller model" in caught.value.hint


def test_looking_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_size, "free_memory", lambda device: 10**9)
    model, _ = tiny_model()
    model.train()
    model.head.eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    modes = [module.training for module in model.modules()]
    largest_fitting(model, INPUTS, batch=8, backward=lambda inputs: model(inputs).sum().backward())
    assert [module.training for module in model.modules()] == modes
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_training_splits_its_batch_where_memory_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_size, "free_memory", lambda device: 50_000)
    model, task = tiny_model()
    feed = tiny_feed()
    result = train(model, task, feed, strategy(), settings=TrainSettings())
    assert result.micro_batch < 8
    assert max(map(len, feed.seen[1:])) <= result.micro_batch
    assert result.steps == 6


@pytest.mark.parametrize("normalisation", ["trained", "frozen"])
def test_one_value_for_a_batch_norm_is_told(normalisation: str) -> None:
    model, task = tiny_model()
    model.backbone.second.insert(0, nn.AdaptiveAvgPool2d(1))  # type: ignore[attr-defined]
    asked = strategy(normalisation=normalisation, batch_size=1, steps=2)
    with pytest.raises(TrainingError, match="a single item") if normalisation == "trained" else nullcontext():
        train(model, task, tiny_feed(4), asked, settings=TrainSettings(micro_batch=1))
