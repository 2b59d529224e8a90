from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.strategy import Goal
from headstart.metrics.goal import score
from headstart.metrics.temperature import LEAST_ITEMS, choose_temperature, tempered

LOG_LOSS = Goal(metric="log_loss")


def drawn(items: int, sureness: float, *, seed: int = 0, multi_label: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities whose logits are `sureness` times those that the truth was drawn from."""
    random = np.random.default_rng(seed)
    logits = random.normal(size=(items, 3)) * 1.5
    if multi_label:
        truth = (random.random((items, 3)) < 1 / (1 + np.exp(-logits))).astype(np.uint8)
        return (1 / (1 + np.exp(-logits * sureness))).astype(np.float32), truth
    right = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([random.choice(3, p=row) for row in right], np.int32)
    said = np.exp(logits * sureness)
    return (said / said.sum(axis=1, keepdims=True)).astype(np.float32), labels


@pytest.mark.parametrize("multi_label", [False, True])
@pytest.mark.parametrize("sureness", [0.4, 2.5])
def test_what_is_too_sure_or_not_sure_enough_is_put_right(sureness: float, multi_label: bool) -> None:
    probabilities, targets = drawn(800, sureness, multi_label=multi_label)
    found = choose_temperature(probabilities, targets)
    assert found == pytest.approx(sureness, rel=0.25)
    others, truth = drawn(800, sureness, seed=1, multi_label=multi_label)
    better = tempered(others, found, multi_label=multi_label)
    assert score(LOG_LOSS, better, truth) > score(LOG_LOSS, others, truth)


def test_what_is_right_or_little_known_stays() -> None:
    stays = [choose_temperature(*drawn(400, 1.0, seed=seed)) for seed in range(10)]
    assert all(0.8 < each < 1.25 for each in stays)
    assert stays.count(1.0) >= 5
    assert choose_temperature(*drawn(LEAST_ITEMS - 1, 4.0)) == 1.0


@given(st.floats(0.2, 5), st.integers(0, 99))
def test_the_most_probable_label_stays_the_same(temperature: float, seed: int) -> None:
    probabilities, _ = drawn(20, 1.0, seed=seed)
    found = tempered(probabilities, temperature, multi_label=False)
    assert found.dtype == np.float32
    assert (found.argmax(axis=1) == probabilities.argmax(axis=1)).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
    each = tempered(probabilities, temperature, multi_label=True)
    assert ((each >= 0.5) == (probabilities >= 0.5)).all()


def test_one_changes_nothing_to_the_last_bit() -> None:
    probabilities, _ = drawn(20, 1.0)
    assert (tempered(probabilities, 1.0, multi_label=False) == probabilities).all()
    assert tempered(probabilities[:0], 2.0, multi_label=False).shape == (0, 3)
