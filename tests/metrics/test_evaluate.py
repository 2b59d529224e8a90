"""An evaluation says what is defined, and in words what is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headstart.core.errors import DataError, ModelError
from headstart.core.evaluation import Evaluation
from headstart.metrics.evaluate import measure
from tests.metrics.outcomes import several, single


def test_two_classes_have_all_their_numbers() -> None:
    found = measure(*single(100, classes=2), ["no", "yes"], part="val", thresholds=(0.3,))
    assert list(found.metrics) == [
        "accuracy",
        "balanced_accuracy",
        "macro_f1",
        "auroc",
        "average_precision",
        "sensitivity",
        "specificity",
        "log_loss",
        "calibration_error",
    ]
    assert found.intervals.keys() == found.metrics.keys()
    assert (found.part, found.items, found.positive, found.thresholds) == ("val", 100, "yes", (0.3,))
    assert found.resampled == "100 items"
    assert sum(map(sum, found.confusion)) == 100
    assert [row.label for row in found.per_class] == ["no", "yes"]
    assert found.notes == ()


def test_a_threshold_moves_decisions_and_not_the_ranking() -> None:
    low, high = (measure(*single(100, classes=2), ["no", "yes"], thresholds=(cut,)).metrics for cut in (0.2, 0.8))
    assert low["sensitivity"] > high["sensitivity"]
    assert low["specificity"] < high["specificity"]
    assert low["auroc"] == high["auroc"]
    assert low["log_loss"] == high["log_loss"]


def test_several_labels_have_numbers_of_their_own() -> None:
    found = measure(*several(100), ["a", "b", "c", "d"])
    assert {"micro_f1", "hamming_loss"} < found.metrics.keys()
    assert not {"sensitivity", "specificity"} & found.metrics.keys()
    assert found.confusion == ()
    assert found.positive == ""


def test_the_record_comes_back_from_its_file(tmp_path: Path) -> None:
    groups = np.arange(100) % 7
    found = measure(
        *single(100), ["a", "b", "ü"], groups=groups, group_names=[f"p{i}" for i in range(7)], leaked=np.array([1, 5])
    )
    found.write(tmp_path / "evaluation.json")
    assert Evaluation.read(tmp_path / "evaluation.json") == found


def test_classes_without_items_are_named_and_left_out() -> None:
    probabilities, truth = single(60, classes=4)
    found = measure(probabilities, np.where(truth == 2, 0, truth), ["a", "b", "c", "d"])
    assert any("No item is of class 'c'" in note for note in found.notes)
    assert found.per_class[2].auroc is None
    assert found.per_class[2].support == 0
    assert found.metrics["auroc"] == pytest.approx(np.mean([found.per_class[i].auroc or 0 for i in (0, 1, 3)]))


def test_one_class_only_is_measured_as_far_as_it_goes() -> None:
    probabilities, truth = single(30, classes=2)
    found = measure(probabilities, truth * 0, ["no", "yes"])
    assert "accuracy" in found.metrics
    assert "specificity" in found.metrics
    assert not {"auroc", "average_precision", "sensitivity"} & found.metrics.keys()
    assert any(note.startswith("AUROC is not defined") for note in found.notes)
    assert any(note.startswith("Sensitivity is not defined: no item is of class yes") for note in found.notes)


def test_one_item_has_numbers_and_no_intervals() -> None:
    found = measure(np.array([[0.9, 0.1]]), np.array([0]), ["no", "yes"])
    assert found.metrics["accuracy"] == 1
    assert found.intervals == {}
    assert found.resampled == ""
    assert any("at least two items" in note for note in found.notes)


def test_groups_widen_the_intervals_and_have_rows() -> None:
    probabilities, truth = single(40)
    many = np.repeat(np.arange(40), 5)
    names = [f"patient {index}" for index in range(40)]
    blind = measure(probabilities[many], truth[many], ["a", "b", "c"])
    found = measure(probabilities[many], truth[many], ["a", "b", "c"], groups=many, group_names=names)
    assert found.metrics == blind.metrics
    assert found.intervals["accuracy"][0] < blind.intervals["accuracy"][0]
    assert found.resampled == "40 groups"
    assert [row.group for row in found.per_group] == names


def test_few_groups_are_said() -> None:
    probabilities, truth = single(40)
    for count, words in ((1, "at least two groups"), (5, "rest on 5 groups, which is few")):
        groups = np.arange(40) % count
        found = measure(probabilities, truth, ["a", "b", "c"], groups=groups, group_names=list("vwxyz"))
        assert any(words in note for note in found.notes)


def test_leaked_items_are_counted_and_left_out_of_the_second_numbers() -> None:
    probabilities, truth = single(100)
    leaked = np.flatnonzero(probabilities.argmax(axis=1) == truth)[:30]
    found = measure(probabilities, truth, ["a", "b", "c"], leaked=leaked)
    rest = np.setdiff1d(np.arange(100), leaked)
    assert found.items == 100
    assert found.without_leaks == measure(probabilities[rest], truth[rest], ["a", "b", "c"])
    assert found.without_leaks.metrics["accuracy"] < found.metrics["accuracy"]
    assert found.notes[0].startswith("30 of 100 items have a duplicate in the training data")
    assert measure(probabilities, truth, ["a", "b", "c"], leaked=np.array([], np.int64)).without_leaks is None


def test_a_test_set_that_leaked_as_a_whole_is_said() -> None:
    probabilities, truth = single(10)
    found = measure(probabilities, truth, ["a", "b", "c"], leaked=np.arange(10))
    assert found.without_leaks is None
    assert found.notes[0].startswith("All 10 items")


def test_broken_probabilities_and_no_items_are_errors() -> None:
    with pytest.raises(ModelError, match="not numbers"):
        measure(np.array([[np.nan, 0.5]]), np.array([0]), ["a", "b"])
    with pytest.raises(DataError, match="no item"):
        measure(np.zeros((0, 2)), np.zeros(0, int), ["a", "b"])
