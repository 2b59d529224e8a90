"""Nearest neighbours: each row is labelled by the rows around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from headstart.scores.auroc import mean_auroc
from headstart.scores.prepared import Prepared
from headstart.scores.score import Score
from headstart.scores.spectrum import Doubles


@dataclass(frozen=True)
class Knn(Score):
    """The accuracy of the k nearest neighbours, leaving one row (with groups: its whole group) out.

    Cover and Hart, Nearest neighbor pattern classification, 1967: (1/N) sum over i of [the most frequent label among
    the k nearest other rows is y_i]; of equally frequent labels, that of the nearest row. Several labels an item: the
    mean AUROC of the share of neighbours that have the label.
    Cosine similarity of the features as they are: neither centred nor scaled.

    Range: 0 to 1; on noise about the chance of guessing, a little below it, as a row's own class has one row less left.
    Copies of a row among the others make it too high: name them as a group. At most 5,000 rows are taken.
    """

    neighbours: int = 5
    distance: Literal["cosine", "euclidean"] = "cosine"

    name = "knn"
    proportion = True
    most_rows = 5000

    def lacking(self, rows: Prepared) -> str | None:
        """Somebody to be near to."""
        return "it needs two groups" if rows.groups is not None and np.ptp(rows.groups) == 0 else None

    def compute(self, rows: Prepared, *, seed: int) -> float:
        """Over all rows."""
        nearness = self._nearness(rows)
        k = min(self.neighbours, len(rows) - 1)
        found = np.argpartition(nearness, len(rows) - k, axis=1)[:, -k:]
        values = np.take_along_axis(nearness, found, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")
        found, values = np.take_along_axis(found, order, axis=1), np.take_along_axis(values, order, axis=1)
        # A neighbour counts 1 and a little more, the nearer the more: that decides between equally frequent labels.
        weights = np.isfinite(values) * (1 + (0 if rows.multi_label else 0.25 * 0.5 ** np.arange(k)))
        votes = np.einsum("nk,nkc->nc", weights, rows.indicators[found])
        if rows.multi_label:
            return mean_auroc(votes / np.maximum(weights.sum(axis=1, keepdims=True), 1), rows.indicators)
        right = (votes.argmax(axis=1) == rows.y) & (votes.max(axis=1) > 0)
        return float(right.mean())

    def _nearness(self, rows: Prepared) -> Doubles:
        lengths = np.diag(rows.gram)
        if self.distance == "cosine":
            scale = 1 / np.sqrt(np.where(lengths > 0, lengths, 1))
            nearness = rows.gram * scale
            nearness *= scale[:, None]
        else:
            nearness = 2 * rows.gram - lengths
            nearness -= lengths[:, None]
        np.fill_diagonal(nearness, -np.inf)
        if rows.groups is not None:
            nearness[rows.groups[:, None] == rows.groups] = -np.inf
        return np.asarray(nearness)


KNN = Knn()
