"""Weighted sums equal those of a loop, and one formula serves numbers and resamples alike."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from headstart.metrics.outcome import Outcome
from headstart.metrics.weighted import Once
from tests.metrics.outcomes import Pair, pairs, several, single


def test_sums_are_those_of_a_loop() -> None:
    random = np.random.default_rng(0)
    outcome, weights = Outcome.of(*single(20)), random.random(20)
    cells, values = random.integers(0, 4, 20), random.random(20)
    expected = [sum(weights[i] * values[i] for i in range(20) if cells[i] == cell) for cell in range(5)]
    assert Once(outcome, weights).sums(cells, 5, values)[:, 0] == pytest.approx(expected)
    assert Once(outcome).sums(cells, 5)[:, 0].tolist() == np.bincount(cells, minlength=5).tolist()


def test_an_item_may_have_several_entries() -> None:
    random = np.random.default_rng(0)
    outcome, weights = Outcome.of(*single(6)), random.random(6)
    cells, values = random.integers(0, 3, (6, 2)), random.random((6, 2))
    expected = [sum(weights[i] * values[i, j] for i in range(6) for j in (0, 1) if cells[i, j] == c) for c in range(3)]
    assert Once(outcome, weights).sums(cells, 3, values)[:, 0] == pytest.approx(expected)


@given(pairs())
def test_counts_are_those_of_each_label(pair: Pair) -> None:
    outcome = Outcome.of(*pair)
    counts = Once(outcome).counts
    for label in range(len(outcome.labels)):
        has = outcome.has(label)
        given_label = outcome.predicted[:, label] if outcome.multi_label else outcome.predicted == label
        found = [int(column[label, 0]) for column in counts[:3]]
        assert found == [int((has & given_label).sum()), int(given_label.sum()), int(has.sum())]
    assert counts.total.tolist() == [len(outcome)]


def test_the_ranking_of_every_label_is_its_own() -> None:
    from sklearn.metrics import average_precision_score, roc_auc_score

    probabilities, truth = several(50)
    ranking = Once(Outcome.of(probabilities, truth)).ranking
    assert ranking.auroc[:, 0] == pytest.approx(roc_auc_score(truth, probabilities, average=None))
    assert ranking.average_precision[:, 0] == pytest.approx(average_precision_score(truth, probabilities, average=None))


def test_a_label_that_every_item_has_has_no_ranking() -> None:
    probabilities, truth = several(10, labels=2)
    truth[:, 0] = 1
    ranking = Once(Outcome.of(probabilities, truth)).ranking
    assert np.isnan(ranking.auroc[0]).all()
    assert np.isnan(ranking.average_precision[0]).all()
