"""Logits and probabilities lead to each other."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.metrics.logits import logits_of, probabilities_of


@pytest.mark.parametrize("multi_label", [False, True])
def test_there_and_back(multi_label: bool) -> None:
    logits = np.random.default_rng(0).normal(size=(50, 4)) * 5
    probabilities = probabilities_of(logits, multi_label=multi_label)
    assert probabilities_of(
        logits_of(probabilities, multi_label=multi_label), multi_label=multi_label
    ) == pytest.approx(probabilities, abs=1e-7)


def test_logits_of_sigmoids_are_the_same_again_and_those_of_a_softmax_up_to_a_constant() -> None:
    logits = np.random.default_rng(0).normal(size=(50, 4)) * 3
    assert logits_of(probabilities_of(logits, multi_label=True), multi_label=True) == pytest.approx(logits)
    apart = logits_of(probabilities_of(logits, multi_label=False), multi_label=False) - logits
    assert apart == pytest.approx(np.repeat(apart[:, :1], 4, axis=1))


@pytest.mark.parametrize("multi_label", [False, True])
def test_certainty_is_finite(multi_label: bool) -> None:
    certain = np.array([[0.0, 1.0]], np.float32)
    assert np.isfinite(logits_of(certain, multi_label=multi_label)).all()
    assert probabilities_of(np.array([[-1e4, 1e4]]), multi_label=multi_label).tolist() == [[0.0, 1.0]]
