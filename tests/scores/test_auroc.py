"""The mean AUROC against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from headstart.scores.auroc import mean_auroc


def test_it_is_the_mean_over_the_labels_with_ties_counting_half() -> None:
    random = np.random.default_rng(0)
    truth = (random.random((50, 4)) < 0.3).astype(float)
    values = np.round(truth + random.normal(size=(50, 4)), 1)
    assert mean_auroc(values, truth) == pytest.approx(roc_auc_score(truth, values, average="macro"), abs=1e-12)
