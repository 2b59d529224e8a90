"""Scores and what they mean."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, softmax

from headstart.features.linear import Linear, probabilities, two_classes
from tests.features.samples import rows_of

LINEAR = Linear(rows_of(3, width=5).astype(np.float64), np.array([1.0, -2.0, 0.5]))


def scores(linear: Linear, x: np.ndarray) -> np.ndarray:
    return x @ linear.weight.T + linear.bias


def test_a_scaled_classifier_gives_scaled_scores() -> None:
    x = rows_of(4, width=5)
    factor, shift = np.array([2.0, 3.0, -1.0]), np.array([0.0, 1.0, 5.0])
    np.testing.assert_allclose(scores(LINEAR.scaled(factor, shift), x), scores(LINEAR, x) * factor + shift)
    np.testing.assert_allclose(scores(LINEAR.scaled(2.0), x), scores(LINEAR, x) * 2)


def test_probabilities_are_those_of_the_link_even_for_huge_scores() -> None:
    x = np.array([[0.0, 1.0, 2.0], [1e4, -1e4, 0.0], [-800.0, -801.0, -802.0]])
    np.testing.assert_allclose(probabilities(x, "softmax"), softmax(x, axis=1), rtol=1e-6)
    np.testing.assert_allclose(probabilities(x, "sigmoid"), expit(x), rtol=1e-6)
    assert probabilities(x, "softmax").dtype == np.float32


def test_two_rows_say_what_one_said() -> None:
    x = rows_of(6, width=5)
    one = Linear(LINEAR.weight[:1], LINEAR.bias[:1])
    both = probabilities(scores(two_classes(one), x), "softmax")
    np.testing.assert_allclose(both[:, 1], expit(scores(one, x))[:, 0], rtol=1e-5)
