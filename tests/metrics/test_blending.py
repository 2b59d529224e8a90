"""Weights of answers: what they sum to, when averaging wins, and when a single answer does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.strategy import Goal
from headstart.metrics.blending import best_single, blend_weights
from headstart.metrics.goal import score

ACCURACY, LOG_LOSS = Goal(metric="accuracy"), Goal(metric="log_loss")


def answers(noise: list[float], *, items: int = 300, seed: int = 0) -> tuple[list[np.ndarray], np.ndarray]:
    """Probabilities of three classes with independent noise on the log odds."""
    generator = np.random.default_rng(seed)
    targets = generator.integers(0, 3, items)
    made = []
    for level in noise:
        logits = 2.0 * np.eye(3)[targets] + generator.normal(0, level, (items, 3))
        powers = np.exp(logits)
        made.append((powers / powers.sum(axis=1, keepdims=True)).astype(np.float32))
    return made, targets


@given(st.lists(st.floats(0.5, 3), min_size=1, max_size=5), st.integers(0, 50))
def test_weights_sum_to_one_and_are_not_worse_than_the_best_by_log_loss(noise: list[float], seed: int) -> None:
    made, targets = answers(noise, items=60, seed=seed)
    weights = blend_weights(made, targets, goal=LOG_LOSS)
    assert sum(weights) == pytest.approx(1)
    assert all(weight >= 0 for weight in weights)
    blended = sum(weight * answer for weight, answer in zip(weights, made, strict=True))
    best = max(score(LOG_LOSS, answer, targets) for answer in made)
    assert score(LOG_LOSS, blended, targets) >= best - 1e-9


def test_independent_answers_are_averaged_and_a_useless_one_is_left_out() -> None:
    made, targets = answers([1.5, 1.5, 1.5])
    useless = np.full_like(made[0], 1 / 3)
    weights = blend_weights([*made, useless], targets, goal=ACCURACY)
    assert min(weights[:3]) > 0.1
    assert weights[3] == 0


def test_the_same_answer_twice_gets_no_average() -> None:
    made, targets = answers([1.0])
    assert blend_weights([made[0], made[0]], targets, goal=ACCURACY) == (1.0, 0.0)


def test_a_single_answer_is_the_best_one() -> None:
    made, targets = answers([1.5, 1.0, 1.5])
    assert blend_weights(made, targets, goal=ACCURACY, single=True) == (0.0, 1.0, 0.0)


def test_few_items_do_not_decide_alone_between_answers_that_are_alike() -> None:
    made, targets = answers([1.5, 1.5, 1.5], items=40)
    weights = blend_weights(made, targets, goal=LOG_LOSS)
    assert max(weights) < 0.9
    assert weights == blend_weights(made, targets, goal=LOG_LOSS)


def test_the_best_single_answer_is_told_by_the_goal_first_and_then_by_log_loss() -> None:
    targets = np.array([0, 1] * 50)
    right = np.eye(2)[targets]
    sure, unsure = 0.9 * right + 0.05, 0.5 * right + 0.25
    wrong = sure[:, ::-1]
    assert best_single([wrong, unsure, sure], targets, goal=ACCURACY) == 2


def test_answers_for_several_labels_are_blended_too() -> None:
    generator = np.random.default_rng(0)
    targets = generator.integers(0, 2, (100, 4)).astype(np.uint8)
    made = [np.clip(targets + generator.normal(0, 0.6, targets.shape), 0.02, 0.98).astype(np.float32) for _ in range(2)]
    weights = blend_weights(made, targets, goal=Goal(metric="average_precision"))
    assert sum(weights) == pytest.approx(1)
    assert min(weights) > 0
