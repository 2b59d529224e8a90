"""Texts and targets -> a bag of words whose strength is cross-validated, with what it says of texts it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy.special import expit, softmax

from headstart.core.dataset import Indices
from headstart.core.strategy import Goal
from headstart.data.text import Text
from headstart.features.selection import LOG_LOSS, GridScore, pick
from headstart.features.words import BagOfWords, tf_idf, vocabulary_of
from headstart.metrics.goal import score

STRENGTHS = (1.0, 4.0, 16.0, 64.0)
"""Inverse regularisation (scikit-learn's C), for rows of unit length."""
NEVER = -30.0
"""The logit of a label that no text has that was learnt from."""
Probabilities = npt.NDArray[np.float32]
Matrix = Any
"""A sparse matrix (N, V) of scipy, whose types do not say what it is."""


@dataclass(frozen=True)
class WordsProbe:
    """A bag of words, fitted on all texts; `out_of_fold` (N, C) is what others, fitted without a fold, say of it."""

    head: BagOfWords
    strength: float
    out_of_fold: Probabilities
    log_loss: float


@dataclass(frozen=True)
class Wanted:
    """What is to be learnt: targets as in `Dataset`, the number of labels, and how rare ones count."""

    targets: npt.NDArray[Any]
    labels: int
    class_weights: str = "none"

    def take(self, indices: Indices) -> Wanted:
        """That of just these texts."""
        return Wanted(self.targets[indices], self.labels, self.class_weights)


def fit_words(texts: Sequence[Text], wanted: Wanted, *, folds: Indices, goal: Goal) -> WordsProbe:
    """Choose the strength that predicts held-out folds best; words are counted anew without each fold."""
    said = {strength: np.zeros((len(texts), wanted.labels), np.float32) for strength in STRENGTHS}
    for fold in np.unique(folds):
        train, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        terms, idf = vocabulary_of(_chosen(texts, train))
        places = {term: place for place, term in enumerate(terms)}
        seen, unseen = (tf_idf(_chosen(texts, part), places, idf) for part in (train, test))
        for strength in STRENGTHS:
            weight, bias = solve(seen, wanted.take(train), strength=strength)
            said[strength][test] = _probabilities(unseen @ weight.T + bias, wanted)
    grid = [
        GridScore(strength, score(goal, known, wanted.targets), -score(LOG_LOSS, known, wanted.targets))
        for strength, known in said.items()
    ]
    chosen = pick(grid, rows=len(texts))
    terms, idf = vocabulary_of(texts)
    head = BagOfWords(terms, wanted.labels)
    matrix = tf_idf(texts, {term: place for place, term in enumerate(terms)}, idf)
    weight, bias = solve(matrix, wanted, strength=chosen.strength)
    state = {"idf": idf, "linear.weight": weight.astype(np.float32), "linear.bias": bias.astype(np.float32)}
    head.load_state_dict({name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in state.items()})
    return WordsProbe(head.eval(), chosen.strength, said[chosen.strength], chosen.log_loss)


def _chosen(texts: Sequence[Text], places: Indices) -> list[Text]:
    return [texts[int(place)] for place in places]


def solve(
    matrix: Matrix, wanted: Wanted, *, strength: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Weight (C, V) and bias (C,) of logistic regression: softmax over the labels, or each label for itself."""
    weight, bias = np.zeros((wanted.labels, matrix.shape[1])), np.full(wanted.labels, NEVER)
    if wanted.targets.ndim == 2:
        for label in range(wanted.labels):
            rows, starts, there = _fitted(matrix, wanted.targets[:, label], wanted, strength)
            weight[label] = rows[-1]
            bias[label] = starts[-1] if len(there) > 1 else (-NEVER if there[0] else NEVER)
        return weight, bias
    rows, starts, there = _fitted(matrix, wanted.targets, wanted, strength)
    weight[there], bias[there] = rows, starts
    return weight, bias


def _fitted(
    matrix: Matrix, targets: npt.NDArray[Any], wanted: Wanted, strength: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[Any]]:
    """Rows and starts of the scores of the values that occur, and these values; of two, the first scores 0."""
    from sklearn.linear_model import LogisticRegression

    there = np.unique(targets)
    if len(there) == 1:
        return np.zeros((1, matrix.shape[1])), np.zeros(1), there
    weights = "balanced" if wanted.class_weights == "balanced" else None
    fitted = LogisticRegression(C=strength, max_iter=1000, class_weight=weights).fit(matrix, targets)
    if len(there) > 2:
        return fitted.coef_, fitted.intercept_, there
    return np.concatenate([np.zeros_like(fitted.coef_), fitted.coef_]), np.append(0.0, fitted.intercept_), there


def _probabilities(logits: npt.NDArray[np.float64], wanted: Wanted) -> Probabilities:
    found = expit(logits) if wanted.targets.ndim == 2 else softmax(logits, axis=1)
    return np.asarray(found, np.float32)
