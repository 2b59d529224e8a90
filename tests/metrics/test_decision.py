"""From probabilities to labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.errors import OptionError
from headstart.metrics.decision import Rule, decide, predictions, top_labels, with_threshold
from tests.metrics.outcomes import single

TWO = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]], np.float32)


def test_the_most_probable_label_is_taken_and_of_equals_the_first() -> None:
    assert decide(TWO, multi_label=False).tolist() == [0, 0, 1]


def test_the_second_of_two_labels_may_have_a_threshold() -> None:
    assert decide(TWO, multi_label=False, thresholds=(0.2,)).tolist() == [0, 1, 1]
    assert decide(TWO, multi_label=False, thresholds=(0.85,)).tolist() == [0, 0, 0]
    assert decide(TWO, multi_label=False, thresholds=(0.5,)).tolist() == [0, 1, 1]


def test_each_of_several_labels_has_its_own_threshold() -> None:
    assert decide(TWO, multi_label=True).tolist() == [[True, False], [True, True], [False, True]]
    assert decide(TWO, multi_label=True, thresholds=(0.95, 0.05)).tolist() == [[False, True]] * 3


@pytest.mark.parametrize(("multi_label", "thresholds"), [(True, (0.5,)), (False, (0.5, 0.5))])
def test_thresholds_have_to_fit(multi_label: bool, thresholds: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="thresholds for 2"):
        decide(TWO, multi_label=multi_label, thresholds=thresholds)
    with pytest.raises(ValueError, match="only two classes take one"):
        decide(np.full((1, 3), 1 / 3), multi_label=False, thresholds=(0.5,))


@given(st.integers(0, 100), st.integers(2, 8), st.integers(1, 10))
def test_top_labels_are_the_best_in_order(seed: int, classes: int, count: int) -> None:
    probabilities, _ = single(5, classes=classes, seed=seed, coarse=True)
    for row, order in zip(probabilities, top_labels(probabilities, count=count), strict=True):
        by_loop = sorted(range(classes), key=lambda label: (-row[label], label))
        assert order.tolist() == by_loop[: min(count, classes)]


def test_predictions_of_one_label() -> None:
    found = list(predictions(["a", "b", "c"], probabilities=TWO, labels=["no", "yes"], rule=Rule(top=2)))
    assert [prediction.label for prediction in found] == ["no", "no", "yes"]
    assert found[2].probability == pytest.approx(0.8)
    assert [label for label, _ in found[2].top] == ["yes", "no"]
    assert found[0].item == "a"


def test_a_threshold_may_choose_the_less_probable_label() -> None:
    (found,) = predictions(["a"], probabilities=TWO[:1], labels=["no", "yes"], rule=Rule(thresholds=(0.1,)))
    assert (found.label, found.probability) == ("yes", pytest.approx(0.1))
    assert found.top[0][0] == "no"


def test_predictions_of_several_labels() -> None:
    rule = Rule(multi_label=True, thresholds=(0.5, 0.5), top=1)
    found = list(predictions(["a", "b"], probabilities=TWO[1:], labels=["cat", "dog"], rule=rule))
    assert [[label for label, _ in prediction.labels] for prediction in found] == [["cat", "dog"], ["dog"]]
    assert (found[0].label, found[0].probability) == ("", None)
    none = np.array([[0.1, 0.2]])
    (nothing,) = predictions(["a"], probabilities=none, labels=["cat", "dog"], rule=rule)
    assert nothing.labels == ()
    assert nothing.top == (("dog", pytest.approx(0.2)),)


def test_one_threshold_of_the_user_s_fits_every_kind_of_answer() -> None:
    rule = Rule(thresholds=(0.3,), top=2)
    assert with_threshold(rule, 0.7, labels=2) == Rule(thresholds=(0.7,), top=2)
    assert with_threshold(Rule(multi_label=True), 0.7, labels=3) == Rule(multi_label=True, thresholds=(0.7,) * 3)
    unsure = with_threshold(Rule(), 0.7, labels=3)
    even = np.array([[0.2, 0.2, 0.6], [0.1, 0.1, 0.8]])
    found = list(predictions(["a", "b"], probabilities=even, labels=["x", "y", "z"], rule=unsure))
    assert [prediction.label for prediction in found] == ["", "z"]
    assert found[0].probability == pytest.approx(0.6)


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_a_threshold_that_is_no_probability_is_refused(threshold: float) -> None:
    with pytest.raises(OptionError, match="from 0 to 1"):
        with_threshold(Rule(), threshold, labels=2)


def test_predictions_are_made_one_by_one() -> None:
    found = predictions(["a", "b", "c"], probabilities=TWO, labels=["no", "yes"], rule=Rule())
    assert next(found).item == "a"
    assert next(found).item == "b"
