"""One number an item: its mean is the metric, or stands for it."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.strategy import Goal
from headstart.metrics.goal import score
from headstart.metrics.item_scores import item_scores

RANDOM = np.random.default_rng(0)
PROBABILITIES = RANDOM.dirichlet(np.ones(3), 60).astype(np.float32)
TARGETS = np.repeat([0, 1, 2], [40, 15, 5])


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy", "log_loss"])
def test_the_mean_is_the_metric(metric: str) -> None:
    goal = Goal(metric=metric)  # type: ignore[arg-type]
    found = item_scores(goal, PROBABILITIES, TARGETS)
    assert found.shape == (60,)
    assert found.mean() == pytest.approx(score(goal, PROBABILITIES, TARGETS), rel=1e-4)


def test_what_is_no_mean_over_items_is_stood_for_by_the_likelihood() -> None:
    found = item_scores(Goal(metric="auroc"), PROBABILITIES, TARGETS)
    np.testing.assert_array_equal(found, item_scores(Goal(metric="log_loss"), PROBABILITIES, TARGETS))


def test_several_labels_an_item() -> None:
    targets = np.asarray([[1, 0], [0, 0]], np.uint8)
    found = item_scores(Goal(), np.asarray([[0.8, 0.4], [0.1, 0.5]]), targets)
    expected = [np.log([0.8, 0.6]).mean(), np.log([0.9, 0.5]).mean()]
    np.testing.assert_allclose(found, expected)
    assert np.isfinite(item_scores(Goal(), np.asarray([[0.0, 1.0]]), np.asarray([[1, 0]], np.uint8))).all()
