"""Which scores order models of unlike width and spectrum rightly when rows are few.

`python -m benchmarks.score_widths` prints the table of `docs/scores.md`. A model is a matrix of Gaussian classes: 64 to
512 features of falling variance, the first 16 to 60 of which tell the classes apart, more or less. The truth is the
accuracy of a ridge probe on 700 new rows; the scores see 100 rows of 10 classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.published import tau
from headstart.core.rows import Rows
from headstart.scores import SCORES

NAMES = ("logme", "adjusted-hscore", "hscore", "ridge", "knn", "lda", "transrate", "gbc", "parc")
CLASSES, FEW, MANY = 10, 100, 700
POOLS, MODELS = 6, 9


@dataclass(frozen=True)
class Model:
    """Class means (C, D), how much of them each feature shows (D,), and the features' scales (D,)."""

    means: np.ndarray
    signal: np.ndarray
    scale: np.ndarray

    @classmethod
    def drawn(cls, random: np.random.Generator) -> Model:
        """One of a pool."""
        width = int(random.choice([64, 128, 256, 512]))
        fall, strength = random.uniform(0.1, 0.6), random.uniform(0.2, 0.7)
        means, told = random.normal(size=(CLASSES, width)), 4 * int(random.integers(4, 16))
        return cls(means, np.where(np.arange(width) < told, strength, 0.0), (1.0 + np.arange(width)) ** -fall)

    def rows(self, random: np.random.Generator, count: int) -> Rows:
        """As many of every class."""
        y = np.arange(count) % CLASSES
        return Rows((self.means[y] * self.signal + random.normal(size=(count, len(self.scale)))) * self.scale, y)


def main() -> None:
    """Print mean and least weighted tau over the pools."""
    found: dict[str, list[float]] = {name: [] for name in NAMES}
    for pool in range(POOLS):
        random = np.random.default_rng(pool)
        models = [Model.drawn(random) for _ in range(MODELS)]
        seen = [model.rows(random, FEW) for model in models]
        truth = [SCORES["ridge"](model.rows(random, MANY), seed=0) for model in models]
        for name in NAMES:
            found[name].append(tau([SCORES[name](rows, seed=0) for rows in seen], truth))
    print("| score | mean tau | least |\n|---|---|---|")
    for name, values in found.items():
        print(f"| `{name}` | {np.mean(values):.2f} | {min(values):.2f} |")


if __name__ == "__main__":
    main()
