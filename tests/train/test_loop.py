"""The loop: it learns, it repeats itself to the last bit, parts add up to batches, and it says when it cannot go on."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from headstart.core.errors import TrainingError
from headstart.core.strategy import Rule
from headstart.tasks.task import Model
from headstart.train.feed import FeatureFeed, epoch_order
from headstart.train.loop import TrainSettings, Validation, train
from tests.train.tiny import FROZEN_BODY, TensorFeed, strategy, tiny_feed, tiny_model


def weights(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


@pytest.mark.parametrize("multi_label", [False, True])
def test_it_overfits_eight_items(multi_label: bool) -> None:
    model, task = tiny_model(multi_label=multi_label)
    feed = tiny_feed(items=8)
    if multi_label:
        feed = TensorFeed(feed.inputs, np.random.default_rng(0).integers(0, 2, (8, 3)).astype(np.uint8))
    chosen = strategy(optimizer="adamw", rules=(Rule(pattern="*", learning_rate=0.02),), epochs=150)
    result = train(model, task, feed, chosen)
    probabilities = task.decode(model(feed.inputs))
    if multi_label:
        assert torch.equal(probabilities > 0.5, feed.targets.bool())
    else:
        assert torch.equal(probabilities.argmax(1), feed.targets)
    assert result.curve[-1].train_loss < 0.1 * result.curve[0].train_loss


def test_the_same_seed_gives_the_same_weights_and_another_seed_others() -> None:
    ends = []
    for seed in (3, 3, 4):
        model, task = tiny_model()
        train(model, task, tiny_feed(), strategy(normalisation="trained"), settings=TrainSettings(seed=seed))
        ends.append(weights(model))
    assert same(ends[0], ends[1])
    assert not same(ends[0], ends[2])


def test_the_random_state_of_the_caller_is_left_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    model, task = tiny_model()
    train(model, task, tiny_feed(), strategy())
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("micro_batch", [1, 3, 4, 7])
def test_parts_of_a_batch_add_up_to_the_batch(micro_batch: int) -> None:
    chosen = strategy(batch_size=8, label_smoothing=0.1, clip_norm=0.5, momentum=0.9)
    ends = []
    for size in (8, micro_batch):
        model, task = tiny_model()
        model.backbone.dropout.p = 0.0
        settings = TrainSettings(micro_batch=size, class_weights=torch.tensor([0.5, 2.0, 1.0]))
        result = train(model, task, tiny_feed(items=21), chosen, settings=settings)
        assert result.micro_batch == size
        ends.append(weights(model))
    for name, value in ends[0].items():
        torch.testing.assert_close(ends[1][name], value, rtol=1e-4, atol=1e-6)


def test_settings_of_accelerate_in_the_environment_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = []
    for steps in ("1", "4"):
        monkeypatch.setenv("ACCELERATE_GRADIENT_ACCUMULATION_STEPS", steps)
        model, task = tiny_model()
        train(model, task, tiny_feed(), strategy())
        ends.append(weights(model))
    assert same(ends[0], ends[1])


def test_two_precisions_in_one_process() -> None:
    ends = []
    for precision in ("float32", "bfloat16", "float32"):
        model, task = tiny_model()
        train(model, task, tiny_feed(), strategy(), settings=TrainSettings(precision=precision))
        ends.append(weights(model))
        assert all(value.dtype == torch.float32 for name, value in ends[-1].items() if "tracked" not in name)
    assert same(ends[0], ends[2])
    assert not same(ends[0], ends[1])


def test_a_loss_that_is_not_a_number_stops_at_once_and_says_where() -> None:
    model, task = tiny_model()
    feed = tiny_feed()
    feed.inputs[epoch_order(24, seed=0, epoch=0)[9]] = float("nan")
    with pytest.raises(TrainingError, match=r"nan at step 2 of 6 \(learning rate 0\.05\)") as caught:
        train(model, task, feed, strategy())
    assert "learning rate ten times lower" in caught.value.hint


def test_a_rate_that_is_far_too_high_is_told_as_such() -> None:
    model, task = tiny_model()
    with pytest.raises(TrainingError, match="The loss became"):
        train(model, task, tiny_feed(), strategy(rules=(Rule(pattern="*", learning_rate=1e30),), epochs=20))


def test_early_stopping_keeps_the_best_weights() -> None:
    seen: list[dict[str, torch.Tensor]] = []
    scores = iter([0.1, 0.9, 0.8, 0.7, 0.95])

    def validate(model: Model) -> Validation:
        seen.append(weights(model))
        return Validation(next(scores), {"validation_accuracy": 0.0})

    model, task = tiny_model()
    chosen = strategy(epochs=5, early_stopping=True)
    result = train(model, task, tiny_feed(), chosen, settings=TrainSettings(patience=2), validate=validate)
    assert (result.best_epoch, result.stopped, len(result.curve)) == (2, "no improvement", 4)
    assert same(weights(model), seen[1])


def test_what_has_done_all_its_steps_was_not_stopped() -> None:
    scores = iter([0.9, 0.8, 0.7])
    model, task = tiny_model()
    chosen = strategy(epochs=3, early_stopping=True)
    settings = TrainSettings(patience=2)
    result = train(model, task, tiny_feed(), chosen, settings=settings, validate=lambda _: Validation(next(scores)))
    assert (result.best_epoch, result.stopped, len(result.curve)) == (1, "", 3)


def test_without_early_stopping_the_last_weights_are_kept() -> None:
    model, task = tiny_model()
    seen = []

    def validate(model: Model) -> Validation:
        seen.append(weights(model))
        return Validation(-float(len(seen)))

    result = train(model, task, tiny_feed(), strategy(epochs=3), validate=validate)
    assert result.best_epoch == 3
    assert same(weights(model), seen[2])


def test_early_stopping_without_validation_is_a_mistake() -> None:
    model, task = tiny_model()
    with pytest.raises(ValueError, match="validation callback"):
        train(model, task, tiny_feed(), strategy(early_stopping=True))


def test_the_curve_is_kept_as_csv_and_as_events(tmp_path: Path) -> None:
    model, task = tiny_model()
    chosen = strategy(
        schedule="cosine", rules=(Rule(pattern="head.*", learning_rate=0.1), Rule(pattern="*", learning_rate=0.01))
    )
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "events.out.tfevents.1").write_text("half of what a killed process wrote")
    settings = TrainSettings(folder=tmp_path)
    result = train(
        model,
        task,
        tiny_feed(),
        chosen,
        settings=settings,
        validate=lambda _: Validation(0.5, {"validation_accuracy": 0.5}),
    )
    with (tmp_path / "curve.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["epoch"], row["step"], row["validation_accuracy"]) for row in rows] == [
        ("1", "3", "0.5"),
        ("2", "6", "0.5"),
    ]
    assert float(rows[1]["train_loss"]) == result.curve[1].train_loss
    assert float(rows[1]["learning_rate_1"]) == pytest.approx(10 * float(rows[1]["learning_rate_0"]))
    (events,) = (tmp_path / "events").glob("events.out.tfevents.*")
    assert events.name != "events.out.tfevents.1"


def test_the_clock_ends_a_training_and_says_so() -> None:
    model, task = tiny_model()
    result = train(model, task, tiny_feed(), strategy(epochs=50), settings=TrainSettings(max_seconds=0.0))
    assert (result.stopped, result.steps) == ("time", 1)


def test_averaged_weights_are_what_is_validated_and_kept() -> None:
    plain, task = tiny_model()
    train(plain, task, tiny_feed(), strategy())
    seen = []

    def validate(model: Model) -> Validation:
        seen.append(weights(model))
        return Validation(0.0)

    averaged, task = tiny_model()
    train(averaged, task, tiny_feed(), strategy(average_decay=0.9), validate=validate)
    assert same(weights(averaged), seen[-1])
    assert not same(weights(averaged), weights(plain))


def test_cached_features_cannot_train_a_body() -> None:
    model, task = tiny_model()
    feed = FeatureFeed(Table(np.zeros((4, 8), np.float32)), np.zeros(4, np.int32))
    with pytest.raises(ValueError, match="cannot train the backbone"):
        train(model, task, feed, strategy())


class Table:
    """Features in memory."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    def rows(self, indices: np.ndarray) -> np.ndarray:
        return self.values[indices]


@torch.no_grad()
def pooled(model: Model, inputs: torch.Tensor) -> np.ndarray:
    features: np.ndarray = model.eval().backbone(inputs).pooled.numpy()
    return features


def digits(items: int) -> TensorFeed:
    """Real pictures that need no download: scikit-learn's handwritten digits, as three equal channels."""
    from sklearn.datasets import load_digits

    pictures, targets = load_digits(return_X_y=True)
    pixels = torch.from_numpy(pictures[:items].astype(np.float32) / 8 - 1).reshape(items, 1, 8, 8)
    return TensorFeed(pixels.expand(-1, 3, -1, -1), targets[:items])


def test_the_classic_loop_on_cached_features_equals_plain_pytorch() -> None:
    """Frozen backbone, new linear head, SGD 0.001, momentum 0.9, cross-entropy, 10 epochs; the backbone in eval()."""
    feed = digits(200)
    rules = (Rule(pattern="backbone.*"), Rule(pattern="head.*", learning_rate=0.001))
    chosen = strategy(rules=rules, momentum=0.9, epochs=10, batch_size=16)
    model, task = tiny_model(labels=10)
    table = Table(pooled(model, feed.inputs))
    train(model, task, FeatureFeed(table, feed.targets.numpy()), chosen, settings=TrainSettings(seed=7))

    plain, _ = tiny_model(labels=10)
    plain.backbone.eval()
    optimizer = torch.optim.SGD(plain.head.parameters(), lr=0.001, momentum=0.9)
    for epoch in range(10):
        for indices in torch.from_numpy(epoch_order(200, seed=7, epoch=epoch)).split(16):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(plain(feed.inputs[indices]), feed.targets[indices])
            loss.backward()
            optimizer.step()
    plain.eval()
    difference = (model(feed.inputs) - plain(feed.inputs)).abs().max().item()
    moved = (model.head.linear.weight - tiny_model(labels=10)[0].head.linear.weight).abs().max().item()
    assert difference < 1e-5
    assert moved > 1e-3


def test_each_epoch_sees_every_item_once_in_an_order_of_its_own() -> None:
    model, task = tiny_model()
    feed = tiny_feed(items=20)
    train(model, task, feed, strategy(rules=FROZEN_BODY, epochs=2, batch_size=8), settings=TrainSettings(micro_batch=8))
    first, second = np.concatenate(feed.seen[1:4]), np.concatenate(feed.seen[4:7])
    assert [len(batch) for batch in feed.seen[1:]] == [8, 8, 4] * 2
    assert sorted(first) == sorted(second) == list(range(20))
    assert list(first) != list(second)
