"""Numbers of a ranking equal scikit-learn's and those of a loop over all pairs or thresholds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.metrics.curves import Ranked, auroc_of, average_precision_of, levels_of, sensitivity_of


def ranked(scores: np.ndarray, truth: np.ndarray, limit: int | None = None) -> Ranked:
    cells, count = levels_of(scores, truth, limit)
    positive = np.bincount(cells[truth], minlength=count)[:, None]
    return Ranked(positive.astype(float), np.bincount(cells[~truth], minlength=count)[:, None].astype(float))


def made(items: int, *, seed: int, tenths: bool, share: float = 0.4) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = random.random(items) < share
    scores = 1 / (1 + np.exp(-random.normal(size=items) - truth))
    return (np.round(scores, 1) if tenths else scores), truth


@given(st.integers(0, 1000), st.integers(2, 40), st.booleans())
def test_auroc_is_the_fraction_of_pairs_in_the_right_order(seed: int, items: int, tenths: bool) -> None:
    scores, truth = made(items, seed=seed, tenths=tenths)
    found = float(auroc_of(ranked(scores, truth))[0])
    if truth.all() or not truth.any():
        assert np.isnan(found)
        return
    pairs = [(high > low) + (high == low) / 2 for high in scores[truth] for low in scores[~truth]]
    assert found == pytest.approx(np.mean(pairs))


@pytest.mark.parametrize("tenths", [False, True])
def test_auroc_and_average_precision_equal_those_of_scikit_learn(tenths: bool) -> None:
    from sklearn.metrics import average_precision_score, roc_auc_score

    scores, truth = made(500, seed=1, tenths=tenths)
    counts = ranked(scores, truth)
    assert float(auroc_of(counts)[0]) == pytest.approx(roc_auc_score(truth, scores))
    assert float(average_precision_of(counts)[0]) == pytest.approx(average_precision_score(truth, scores))


@given(st.integers(0, 1000), st.integers(2, 40), st.booleans(), st.sampled_from([0.5, 0.75, 0.9]))
def test_sensitivity_is_the_best_of_all_thresholds(seed: int, items: int, tenths: bool, specificity: float) -> None:
    scores, truth = made(items, seed=seed, tenths=tenths)
    found = float(sensitivity_of(ranked(scores, truth), specificity=specificity)[0])
    if truth.all() or not truth.any():
        assert np.isnan(found)
        return
    thresholds = [*scores, 2.0]
    allowed = [cut for cut in thresholds if (scores[~truth] < cut).mean() >= specificity - 1e-12]
    assert found == pytest.approx(max((scores[truth] >= cut).mean() for cut in allowed))


def test_a_perfect_ranking_is_1_and_a_reversed_one_0() -> None:
    scores, truth = np.array([0.1, 0.2, 0.8, 0.9]), np.array([False, False, True, True])
    assert auroc_of(ranked(scores, truth)).tolist() == [1.0]
    assert average_precision_of(ranked(scores, truth)).tolist() == [1.0]
    assert auroc_of(ranked(-scores, truth)).tolist() == [0.0]


def test_equal_scores_stand_together_whatever_their_order() -> None:
    scores, truth = np.full(10, 0.5), np.arange(10) < 4
    assert float(auroc_of(ranked(scores, truth))[0]) == 0.5
    assert float(average_precision_of(ranked(scores, truth))[0]) == pytest.approx(0.4)


@pytest.mark.parametrize("share", [0.5, 0.01])
def test_a_limit_on_levels_hardly_moves_the_numbers(share: float) -> None:
    scores, truth = made(20_000, seed=3, tenths=False, share=share)
    exact, few = ranked(scores, truth), ranked(scores, truth, limit=400)
    assert len(few.positive) <= 401
    assert float(auroc_of(few)[0]) == pytest.approx(float(auroc_of(exact)[0]), abs=2e-3)
    assert float(average_precision_of(few)[0]) == pytest.approx(float(average_precision_of(exact)[0]), abs=5e-3)


def test_levels_keep_the_order() -> None:
    scores, truth = made(3000, seed=4, tenths=False)
    cells, count = levels_of(scores, truth, 100)
    assert cells.max() < count
    assert (np.diff(cells[np.argsort(scores)]) >= 0).all()
