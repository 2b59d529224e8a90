"""Scores of a regression as probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from headstart.features.linear import probabilities
from headstart.features.platt import platt

GENERATOR = np.random.default_rng(0)


def test_one_scale_recovers_what_the_scores_were_divided_by() -> None:
    odds = GENERATOR.normal(0, 2, (4000, 3))
    wanted = np.eye(3)[(odds + GENERATOR.gumbel(size=odds.shape)).argmax(axis=1)]
    factor, shift = platt(odds / 20, wanted, "softmax")
    assert factor == pytest.approx([20] * 3, rel=0.1)
    assert shift.tolist() == [0, 0, 0]


def test_scale_and_shift_are_those_of_a_logistic_regression() -> None:
    odds = GENERATOR.normal(0, 2, (4000, 2))
    wanted = (odds + GENERATOR.logistic(size=odds.shape) > 0).astype(np.uint8)
    scores = odds / 7 + 3
    factor, shift = platt(scores, wanted, "sigmoid")
    for label in range(2):
        theirs = LogisticRegression(C=1e8).fit(scores[:, [label]], wanted[:, label])
        ours = probabilities(scores[:, [label]] * factor[label] + shift[label], "sigmoid")[:, 0]
        np.testing.assert_allclose(ours, theirs.predict_proba(scores[:, [label]])[:, 1], atol=2e-3)


def test_separable_scores_give_no_certainty() -> None:
    wanted = np.arange(10) >= 5
    scores = wanted[:, None] * 2.0 - 1
    factor, shift = platt(scores, wanted[:, None], "sigmoid")
    known = probabilities(scores * factor + shift, "sigmoid")
    np.testing.assert_allclose(known[:, 0], np.where(wanted, 6 / 7, 1 / 7), atol=1e-3)
    both = np.eye(2)[wanted.astype(int)]
    factor, shift = platt(both, both, "softmax")
    assert 0.9 < probabilities(both * factor, "softmax").max() < 0.99


@pytest.mark.parametrize("value", [0, 1])
def test_a_label_that_all_or_none_have(value: int) -> None:
    scores = GENERATOR.normal(size=(20, 1))
    factor, shift = platt(scores, np.full((20, 1), value), "sigmoid")
    known = probabilities(scores * factor + shift, "sigmoid")
    assert np.abs(known - value).max() < 0.2


def test_scores_that_are_all_equal_give_the_frequency() -> None:
    factor, shift = platt(np.full((8, 1), 0.3), np.arange(8)[:, None] < 2, "sigmoid")
    assert probabilities(0.3 * factor + shift, "sigmoid") == pytest.approx(0.25, abs=0.1)
