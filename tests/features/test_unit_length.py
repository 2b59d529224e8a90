"""Heads on features of length 1 against scikit-learn's own answers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from headstart.features.unit_length import unit_length_head
from headstart.features.words_probe import Wanted
from headstart.models.backbone import Features
from headstart.tasks.classification import PooledLinear
from headstart.tasks.unit_length import UnitLength


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("class_weights", ["none", "balanced"])
def test_answers_are_those_of_logistic_regression(classes: int, class_weights: str) -> None:
    generator = np.random.default_rng(0)
    targets = np.concatenate([np.arange(classes), generator.integers(0, classes, 20)])
    rows = generator.normal(size=(len(targets), 6)) + 2 * np.eye(6)[targets]
    state = unit_length_head(rows, Wanted(targets, classes, class_weights), strength=2.0)  # type: ignore[arg-type]
    head = PooledLinear(6, classes)
    head.linear.load_state_dict(state)
    found = torch.softmax(UnitLength(head)(Features(pooled=torch.from_numpy(rows).float())), dim=1)
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    weights = None if class_weights == "none" else class_weights
    expected = LogisticRegression(C=2.0, max_iter=1000, class_weight=weights).fit(unit, targets).predict_proba(unit)
    np.testing.assert_allclose(found.detach().numpy(), expected, atol=1e-4)


def test_a_label_that_does_not_occur_is_never_the_answer() -> None:
    state = unit_length_head(np.eye(4), Wanted(np.array([0, 0, 2, 2]), 3), strength=1.0)
    logits = torch.from_numpy(np.eye(4, dtype=np.float32)) @ state["weight"].T + state["bias"]
    assert not (logits.argmax(1) == 1).any()
    assert torch.isfinite(logits).all()
