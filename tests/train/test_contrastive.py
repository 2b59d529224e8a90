"""The supervised contrastive loss against a slow loop from the formula, and what training by it does."""

from __future__ import annotations

import math
from itertools import combinations

import pytest
import torch
from torch.nn.functional import normalize

from headstart.core.errors import TrainingError
from headstart.core.strategy import Contrast, Rule
from headstart.tasks.unit_length import UnitLength
from headstart.train import batch_size
from headstart.train.contrastive import SupervisedContrast, supervised_contrast, train_contrastive
from headstart.train.loop import TrainSettings
from tests.train.tiny import strategy, tiny_feed, tiny_model

CONTRAST = strategy(
    optimizer="adamw", rules=(Rule(pattern="*", learning_rate=0.01),), epochs=20, batch_size=12, contrast=Contrast()
)


def slowly(embeddings: torch.Tensor, targets: list[int], temperature: float) -> float:
    losses = []
    for one, target in enumerate(targets):
        closeness = {
            other: math.exp(float(embeddings[one] @ embeddings[other]) / temperature)
            for other in range(len(targets))
            if other != one
        }
        own = [other for other in closeness if targets[other] == target]
        if own:
            whole = sum(closeness.values())
            losses.append(-sum(math.log(closeness[other] / whole) for other in own) / len(own))
    return sum(losses) / len(losses)


@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_the_loss_is_that_of_the_formula(temperature: float) -> None:
    """One item has no other of its class, and counts for the others only."""
    embeddings = normalize(torch.randn(7, 5, generator=torch.Generator().manual_seed(1)), dim=1)
    targets = [0, 1, 1, 0, 2, 1, 0]
    found = supervised_contrast(embeddings, torch.tensor(targets), temperature=temperature)
    assert float(found) == pytest.approx(slowly(embeddings, targets, temperature), rel=1e-5)


@pytest.mark.parametrize("targets", [[0], [0, 1, 2]])
def test_without_pairs_there_is_nothing_to_learn(targets: list[int]) -> None:
    embeddings = normalize(torch.randn(len(targets), 4), dim=1).requires_grad_()
    loss = supervised_contrast(embeddings, torch.tensor(targets), temperature=0.1)
    loss.backward()
    assert loss.item() == 0
    assert embeddings.grad is not None
    assert torch.equal(embeddings.grad, torch.zeros_like(embeddings))


def test_what_belongs_to_a_loss_of_labels_is_refused() -> None:
    task = SupervisedContrast(temperature=0.1)
    with pytest.raises(ValueError, match="losses of labels"):
        task.loss(torch.eye(2), torch.tensor([0, 0]), label_smoothing=0.1)


def test_items_of_a_class_come_together() -> None:
    model, _ = tiny_model()
    feed = tiny_feed(items=24)

    def lead() -> float:
        with torch.inference_mode():
            embeddings = UnitLength()(model.backbone.eval()(feed.inputs))
        pairs = list(combinations(range(24), 2))
        cosines = [float(embeddings[one] @ embeddings[other]) for one, other in pairs]
        same = [bool(feed.targets[one] == feed.targets[other]) for one, other in pairs]
        inside = [cosine for cosine, alike in zip(cosines, same, strict=True) if alike]
        across = [cosine for cosine, alike in zip(cosines, same, strict=True) if not alike]
        return sum(inside) / len(inside) - sum(across) / len(across)

    before = lead()
    result = train_contrastive(model.backbone, feed, CONTRAST)
    assert result.curve[-1].train_loss < result.curve[0].train_loss
    assert lead() > before + 0.2


def test_a_batch_is_never_cut_where_its_items_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_size, "free_memory", lambda device: 40_000)
    model, _ = tiny_model()
    with pytest.raises(TrainingError, match="compared with each other") as caught:
        train_contrastive(model.backbone, tiny_feed(items=24), CONTRAST)
    assert "--batch-size" in caught.value.hint
    with pytest.raises(ValueError, match="whole batches"):
        train_contrastive(model.backbone, tiny_feed(items=24), CONTRAST, settings=TrainSettings(micro_batch=4))


def test_a_strategy_without_a_contrast_is_refused() -> None:
    model, _ = tiny_model()
    with pytest.raises(ValueError, match="no contrast"):
        train_contrastive(model.backbone, tiny_feed(), strategy())
