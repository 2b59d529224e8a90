"""LogME: the evidence of a Bayesian linear model of the labels."""

from __future__ import annotations

import numpy as np

from headstart.scores.prepared import Prepared
from headstart.scores.score import Score
from headstart.scores.spectrum import Doubles

# The ratio of the two precisions, over the largest squared singular value: from interpolation to no influence at all.
LOWEST, HIGHEST, STEPS = -12.0, 6.0, 73
GOLDEN = (np.sqrt(5) - 1) / 2
NARROWINGS = 40


class LogMe(Score):
    """The log evidence a row, at its maximum over the two precisions, as a mean over the labels.

    You et al., LogME: practical assessment of pre-trained models for transfer learning, 2021; and Ranking and tuning
    pre-trained models, 2022. For each label's 0/1 column t: max over a, b of log N(t; 0, I/b + FF'/a) / N. With
    k = a/b fixed, b = N / t'inv(I + FF'/k)t, and what is left is a function of k alone, here maximised on a grid and
    then by golden section. All D directions of the weights count: those without variance cancel in this form, where
    leaving their term out (as some code does) makes wide networks win on few rows.

    Range: any number. Not centred, no bias. Every label counts the same, however rare. Labels that are an exact linear
    function of the features have no finite maximum: the grid's end bounds it. Not comparable between tasks.
    """

    name = "logme"

    def compute(self, rows: Prepared, *, seed: int) -> float:
        """The mean over the labels."""
        spectrum, targets = rows.spectrum, rows.indicators
        inside = np.square(spectrum.left.T @ targets)
        outside = (np.square(targets).sum(axis=0) - inside.sum(axis=0)).clip(min=0)
        return float(_Evidence(spectrum.squares, inside, outside, len(rows)).maximum().mean())


LOGME = LogMe()


class _Evidence:
    """Log evidence a row as a function of the logarithm of a/b, for K labels at once."""

    def __init__(self, squares: Doubles, inside: Doubles, outside: Doubles, count: int) -> None:
        self.squares, self.inside, self.outside, self.count = squares, inside, outside, count

    def at(self, log_ratio: Doubles) -> Doubles:
        """(K,): each label at a ratio of its own, (K,)."""
        ratio = np.exp(log_ratio)
        misfit = (self.inside * (ratio / (self.squares[:, None] + ratio))).sum(axis=0) + self.outside
        volume = np.log1p(self.squares[:, None] / ratio).sum(axis=0)
        return self._value(misfit, volume)

    def everywhere(self, log_ratios: Doubles) -> Doubles:
        """(G, K): every label at each of G ratios."""
        ratios = np.exp(log_ratios)[:, None]
        misfit = (ratios / (self.squares + ratios)) @ self.inside + self.outside
        volume = np.log1p(self.squares / ratios).sum(axis=1)
        return self._value(misfit, volume[:, None])

    def maximum(self) -> Doubles:
        """(K,)."""
        grid = np.log(self.squares.max()) + np.log(10) * np.linspace(LOWEST, HIGHEST, STEPS)
        best = self.everywhere(grid).argmax(axis=0)
        low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, len(grid) - 1)]
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        at_left, at_right = self.at(left), self.at(right)
        for _ in range(NARROWINGS):
            lower = at_left >= at_right
            low, high = np.where(lower, low, left), np.where(lower, right, high)
            fresh = np.where(lower, high - GOLDEN * (high - low), low + GOLDEN * (high - low))
            value = self.at(fresh)
            left, right, at_left, at_right = (
                np.where(lower, fresh, right),
                np.where(lower, left, fresh),
                np.where(lower, value, at_right),
                np.where(lower, at_left, value),
            )
        return np.asarray(np.maximum(self.at((low + high) / 2), self.everywhere(grid).max(axis=0)))

    def _value(self, misfit: Doubles, volume: Doubles) -> Doubles:
        likelihood = np.log(self.count / (2 * np.pi * misfit.clip(min=np.finfo(np.float64).tiny))) - 1
        return np.asarray((likelihood - volume / self.count) / 2)
