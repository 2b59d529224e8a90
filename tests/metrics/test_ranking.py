"""Rank numbers of two classes, of many, and of several labels an item."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given

from headstart.core.errors import DataError
from headstart.metrics.outcome import Outcome
from headstart.metrics.ranking import auroc, average_precision, ranking_labels, sensitivity_at_specificity
from headstart.metrics.weighted import Once
from tests.metrics.outcomes import Pair, pairs, several, single

at_90 = partial(sensitivity_at_specificity, specificity=0.9)


def test_two_classes_are_measured_by_the_second() -> None:
    from sklearn.metrics import average_precision_score, roc_auc_score

    probabilities, truth = single(200, classes=2, coarse=True)
    once = Once(Outcome.of(probabilities, truth))
    assert float(auroc(once)[0]) == pytest.approx(roc_auc_score(truth, probabilities[:, 1]))
    assert float(average_precision(once)[0]) == pytest.approx(average_precision_score(truth, probabilities[:, 1]))


def test_more_classes_are_the_mean_of_each_against_the_rest() -> None:
    from sklearn.metrics import average_precision_score, roc_auc_score

    probabilities, truth = single(200, classes=4)
    once = Once(Outcome.of(probabilities, truth))
    assert float(auroc(once)[0]) == pytest.approx(roc_auc_score(truth, probabilities, multi_class="ovr"))
    assert float(average_precision(once)[0]) == pytest.approx(average_precision_score(truth, probabilities))


def test_several_labels_are_their_mean_and_weights_count() -> None:
    from sklearn.metrics import average_precision_score, roc_auc_score

    probabilities, truth = several(200)
    weights = np.random.default_rng(0).random(200)
    once = Once(Outcome.of(probabilities, truth), weights)
    assert float(auroc(once)[0]) == pytest.approx(roc_auc_score(truth, probabilities, sample_weight=weights))
    expected = average_precision_score(truth, probabilities, sample_weight=weights)
    assert float(average_precision(once)[0]) == pytest.approx(expected)


def test_labels_that_all_items_have_or_none_are_left_out_of_the_mean() -> None:
    from sklearn.metrics import roc_auc_score

    probabilities, truth = several(50, labels=3)
    truth[:, 0], truth[:, 2] = 0, 1
    outcome = Outcome.of(probabilities, truth)
    assert ranking_labels(outcome) == [1]
    assert float(auroc(Once(outcome))[0]) == pytest.approx(roc_auc_score(truth[:, 1], probabilities[:, 1]))


@pytest.mark.parametrize("metric", [auroc, average_precision, at_90])
def test_one_class_only_has_no_ranking(metric: partial[np.ndarray]) -> None:
    once = Once(Outcome.of(np.array([[0.2, 0.8], [0.5, 0.5]]), np.array([1, 1])))
    with pytest.raises(DataError, match="needs items that have a label and items that have not"):
        metric(once)


def test_sensitivity_at_a_specificity_takes_two_classes() -> None:
    with pytest.raises(DataError, match="needs two classes, and there are 3"):
        at_90(Once(Outcome.of(*single(10, classes=3))))


def test_sensitivity_at_a_specificity_is_a_mean_over_several_labels() -> None:
    probabilities, truth = several(100, labels=2)
    both = float(at_90(Once(Outcome.of(probabilities, truth)))[0])
    columns = [np.stack([1 - probabilities[:, label], probabilities[:, label]], axis=1) for label in (0, 1)]
    each = [float(at_90(Once(Outcome.of(columns[i], truth[:, i].astype(int))))[0]) for i in (0, 1)]
    assert both == pytest.approx(np.mean(each))


@given(pairs())
def test_order_of_items_does_not_matter_and_bounds_hold(pair: Pair) -> None:
    outcome = Outcome.of(*pair)
    if not ranking_labels(outcome):
        return
    order = np.random.default_rng(0).permutation(len(outcome))
    for metric in (auroc, average_precision):
        found = float(metric(Once(outcome))[0])
        assert 0 <= found <= 1
        assert found == pytest.approx(float(metric(Once(outcome.take(order)))[0]))
