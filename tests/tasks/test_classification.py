"""Losses against the formula, predictions against their meaning."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from headstart.core.errors import OptionError
from headstart.models.backbone import Features
from headstart.tasks import TASKS
from headstart.tasks.image_classification import ImageClassification
from tests.train.tiny import TinyBackbone

LOGITS = torch.tensor([[2.0, 0.5, -1.0], [0.1, 0.2, 0.3], [-1.0, 3.0, 0.0]])
CLASSES = torch.tensor([0, 2, 1])
LABELS = torch.tensor([[1.0, 0.0, 1.0], [0.0, 0.0, 0.0], [0.0, 1.0, 1.0]])


def test_the_table_gives_the_task_for_one_label_and_for_several() -> None:
    assert isinstance(TASKS["image-classification"](), ImageClassification)
    assert TASKS["image-classification"](multi_label=True).decode(torch.zeros(1, 2)).tolist() == [[0.5, 0.5]]
    with pytest.raises(OptionError, match="Did you mean 'image-classification'"):
        TASKS["image_classification"]


def test_cross_entropy_with_weights_and_smoothing_is_the_formula() -> None:
    weights, smoothing = torch.tensor([0.5, 1.0, 3.0]), 0.2
    log_probabilities = np.log(np.exp(LOGITS.numpy()) / np.exp(LOGITS.numpy()).sum(1, keepdims=True))
    expected = 0.0
    for row, label in enumerate(CLASSES.tolist()):
        target = np.full(3, smoothing / 3)
        target[label] += 1 - smoothing
        expected -= weights[label].item() * float(target @ log_probabilities[row]) / 3
    loss = ImageClassification().loss(LOGITS, CLASSES, class_weights=weights, label_smoothing=smoothing)
    assert loss.item() == pytest.approx(expected, rel=1e-5)


def test_without_weights_it_is_pytorchs_cross_entropy() -> None:
    loss = ImageClassification().loss(LOGITS, CLASSES)
    assert loss.item() == pytest.approx(torch.nn.functional.cross_entropy(LOGITS, CLASSES).item(), rel=1e-6)


def test_binary_cross_entropy_with_weights_and_smoothing_is_the_formula() -> None:
    weights, smoothing = torch.tensor([0.5, 1.0, 3.0]), 0.2
    probabilities = 1 / (1 + np.exp(-LOGITS.double().numpy()))
    smooth = LABELS.numpy() * (1 - smoothing) + smoothing / 2
    terms = weights.numpy() * smooth * np.log(probabilities) + (1 - smooth) * np.log(1 - probabilities)
    loss = ImageClassification(multi_label=True).loss(LOGITS, LABELS, class_weights=weights, label_smoothing=smoothing)
    assert loss.item() == pytest.approx(-terms.mean(), rel=1e-5)


def test_weights_of_one_change_nothing() -> None:
    task = ImageClassification()
    for targets in (CLASSES, LABELS):
        plain, weighted = task.loss(LOGITS, targets), task.loss(LOGITS, targets, class_weights=torch.ones(3))
        assert weighted.item() == pytest.approx(plain.item(), rel=1e-6)


def test_probabilities_sum_to_one_for_one_label_and_stand_alone_for_several() -> None:
    one = ImageClassification().decode(LOGITS.bfloat16())
    several = ImageClassification(multi_label=True).decode(LOGITS)
    assert one.dtype == torch.float32
    torch.testing.assert_close(one.sum(1), torch.ones(3))
    torch.testing.assert_close(several, torch.sigmoid(LOGITS))


def test_a_head_is_decided_by_the_seed_and_reads_pooled_features() -> None:
    heads = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        heads.append(ImageClassification().head(TinyBackbone(), 5))
    pooled = torch.randn(4, 8)
    assert heads[0](Features(pooled=pooled)).shape == (4, 5)
    assert torch.equal(heads[0].linear.weight, heads[1].linear.weight)
    assert not torch.equal(heads[0].linear.weight, heads[2].linear.weight)
    with pytest.raises(ValueError, match="no pooled features"):
        heads[0](Features())
