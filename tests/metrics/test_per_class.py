"""Tables by label and by group equal those of scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.metrics.outcome import Outcome
from headstart.metrics.per_class import class_rows, confusion_matrix, group_rows
from headstart.metrics.weighted import Once
from tests.metrics.outcomes import several, single


@pytest.mark.parametrize("multi_label", [False, True])
def test_class_rows_equal_those_of_scikit_learn(multi_label: bool) -> None:
    from sklearn.metrics import average_precision_score, precision_recall_fscore_support, roc_auc_score

    probabilities, truth = several(100) if multi_label else single(100, classes=4)
    outcome = Outcome.of(probabilities, truth, labels=["a", "b", "c", "d"])
    expected = precision_recall_fscore_support(truth, outcome.predicted)
    for index, row in enumerate(class_rows(Once(outcome))):
        assert row.label == "abcd"[index]
        assert [row.precision, row.recall, row.f1, row.support] == pytest.approx([column[index] for column in expected])
        assert row.auroc == pytest.approx(roc_auc_score(outcome.has(index), probabilities[:, index]))
        assert row.average_precision == pytest.approx(
            average_precision_score(outcome.has(index), probabilities[:, index])
        )


def test_what_is_not_defined_is_none() -> None:
    probabilities = np.array([[0.9, 0.1, 0.0], [0.8, 0.2, 0.0]])
    rows = class_rows(Once(Outcome.of(probabilities, np.array([0, 0]))))
    assert (rows[0].precision, rows[0].recall, rows[0].f1, rows[0].auroc, rows[0].average_precision) == (
        1.0,
        1.0,
        1.0,
        None,
        None,
    )
    assert (rows[1].support, rows[1].precision, rows[1].recall, rows[1].f1) == (0, None, None, None)


def test_the_confusion_matrix_equals_that_of_scikit_learn() -> None:
    from sklearn.metrics import confusion_matrix as expected

    probabilities, truth = single(100, classes=4)
    outcome = Outcome.of(probabilities, truth)
    assert confusion_matrix(outcome) == tuple(map(tuple, expected(truth, outcome.predicted)))


def test_there_is_no_matrix_for_several_labels_or_very_many_classes() -> None:
    assert confusion_matrix(Outcome.of(*several(10))) == ()
    assert confusion_matrix(Outcome.of(*single(10, classes=257))) == ()
    assert len(confusion_matrix(Outcome.of(*single(10, classes=256)))) == 256


def test_each_group_has_the_numbers_of_its_items() -> None:
    from sklearn.metrics import f1_score

    probabilities, truth = single(60)
    groups = np.array([2, 0, -1] * 20)
    outcome = Outcome.of(probabilities, truth)
    rows = group_rows(outcome, groups, ["ann", "bob", "eve"])
    assert [(row.group, row.items) for row in rows] == [("ann", 20), ("eve", 20)]
    chosen = groups == 0
    predicted = outcome.predicted[chosen]
    assert rows[0].metrics["accuracy"] == pytest.approx((predicted == truth[chosen]).mean())
    assert rows[0].metrics["macro_f1"] == pytest.approx(f1_score(truth[chosen], predicted, average="macro"))


def test_a_group_of_one_class_has_no_auroc() -> None:
    outcome = Outcome.of(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 0]))
    (row,) = group_rows(outcome, np.array([0, 0]), ["ann"])
    assert row.metrics["accuracy"] == 0.5
    assert "auroc" not in row.metrics
