"""Of a goal's score, more is better, whatever the metric."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from headstart.core.errors import DataError
from headstart.core.strategy import Goal, MetricName
from headstart.metrics.goal import score
from headstart.metrics.table import STRUCTURED_TITLES
from tests.metrics.outcomes import several, single


@pytest.mark.parametrize("metric", [name for name in get_args(MetricName) if name not in STRUCTURED_TITLES])
@pytest.mark.parametrize("multi_label", [False, True])
def test_a_better_model_scores_higher(metric: MetricName, multi_label: bool) -> None:
    probabilities, truth = several(300) if multi_label else single(300, classes=2)
    worse = np.where(np.arange(300)[:, None] % 3 == 0, probabilities[::-1], probabilities)
    assert score(Goal(metric=metric), probabilities, truth) > score(Goal(metric=metric), worse, truth) + 0.01


def test_log_loss_is_negated() -> None:
    from sklearn.metrics import log_loss

    probabilities, truth = single(50)
    expected = -log_loss(truth, probabilities)
    assert score(Goal(metric="log_loss"), probabilities, truth) == pytest.approx(expected, rel=1e-5)


def test_weights_count() -> None:
    from sklearn.metrics import roc_auc_score

    probabilities, truth = single(50, classes=2)
    weights = np.random.default_rng(0).random(50)
    expected = roc_auc_score(truth, probabilities[:, 1], sample_weight=weights)
    assert score(Goal(metric="auroc"), probabilities, truth, weights) == pytest.approx(expected)


def test_a_higher_specificity_costs_sensitivity() -> None:
    probabilities, truth = single(300, classes=2)
    at = [
        score(Goal(metric="sensitivity_at_specificity", specificity=specificity), probabilities, truth)
        for specificity in (0.5, 0.9, 0.99)
    ]
    assert at[0] > at[1] > at[2]


def test_what_is_not_defined_says_why() -> None:
    with pytest.raises(DataError, match="needs two classes, and there are 3"):
        score(Goal(metric="sensitivity_at_specificity"), *single(20, classes=3))
    with pytest.raises(DataError, match="AUROC is not defined"):
        score(Goal(metric="auroc"), np.full((3, 2), 0.5), np.zeros(3, int))


def test_weights_that_leave_nothing_are_said() -> None:
    with pytest.raises(DataError, match="have no weight"):
        score(Goal(), *single(3), np.zeros(3))
