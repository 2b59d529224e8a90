"""Linear discriminant analysis: the probability of the right class, every row judged by all others."""

from __future__ import annotations

import numpy as np

from headstart.scores.prepared import Prepared
from headstart.scores.score import Score, several_labels, small_class
from headstart.scores.shrinkage import ledoit_wolf
from headstart.scores.spectrum import Doubles, Resolvent, class_basis


class Lda(Score):
    """The mean probability of a row's own class under linear discriminant analysis fitted without the row.

    Fisher, The use of multiple measurements in taxonomic problems, 1936; as a score in Shao et al., Not all models are
    equal (SFDA), 2022, and Gholami et al., ETran, 2023: (1/N) sum of p(y_i | x_i), Gaussian classes of one covariance,
    shrunken by Ledoit and Wolf's amount. The two papers judge rows by a model that was fitted on them, which gives 1
    for any features with D > N. Here means and covariance leave the row out, in closed form; only the amount of
    shrinkage and the classes' frequencies are those of all rows.

    Range: 0 to 1; on noise about the chance of guessing. Does not change with rotation or scale. Groups are not left
    out as a whole: where rows come in groups it is too high, and does not apply.
    """

    name = "lda"
    proportion = True

    def lacking(self, rows: Prepared) -> str | None:
        """One label an item, two rows a class, no groups."""
        grouped = rows.groups is not None and len(np.unique(rows.groups)) < len(rows)
        reason = "it leaves single rows out, and these rows come in groups" if grouped else None
        return several_labels(rows) or reason or small_class(rows, least=2)

    def compute(self, rows: Prepared, *, seed: int) -> float:
        """Over all rows."""
        powers = log_posteriors(rows)
        powers = np.exp(powers - powers.max(axis=1, keepdims=True))
        return float((powers[np.arange(len(rows)), rows.y] / powers.sum(axis=1)).mean())


LDA = Lda()


def log_posteriors(rows: Prepared) -> Doubles:
    """(N, C): the logarithms of each class's probability for a row that was left out, up to a constant a row.

    With E the rows less their class means and T = E'E + shift, everything needed is a product with inv(T):
    e_i inv(T) e_i, e_i inv(T) m_k and m_j inv(T) m_k, which the resolvent gives; leaving row i out then changes T by
    the square of e_i, whose inverse is Sherman and Morrison's.
    """
    basis = class_basis(rows.indicators)
    shrinkage = ledoit_wolf(rows.spectrum, basis, width=rows.x.shape[1])
    shift, count = shrinkage.shift, len(rows)
    resolvent = Resolvent(rows.spectrum, basis, shift)
    inner, sizes = resolvent.inner[0], rows.class_sizes.astype(np.float64)
    own_size = sizes[rows.y]

    unit = (own_size - 1) / own_size - shift * resolvent.diagonal()[0]  # e_i inv(T) e_i
    to_mean = (basis - resolvent.solved_basis[0] @ inner) / np.sqrt(sizes)  # e_i inv(T) m_k
    means = (inner / shift - np.eye(len(sizes))) / np.sqrt(np.outer(sizes, sizes))  # m_j inv(T) m_k
    apart = np.diag(means)[:, None] + np.diag(means) - 2 * means

    across = to_mean[np.arange(count), rows.y][:, None] - to_mean  # e_i inv(T) (own mean - m_k)
    growth = own_size / (own_size - 1)
    left = growth * shift * resolvent.diagonal()[0]  # 1 - growth e_i inv(T) e_i, without its cancellation
    distances = unit[:, None] + 2 * across + apart[rows.y]
    distances += (growth / left)[:, None] * np.square(unit[:, None] + across)
    own = growth**2 * unit / left
    distances[np.arange(count), rows.y] = own
    # A mean of fewer rows is farther from everything, and a row's own mean has one row less.
    seen = sizes - rows.indicators
    distances -= (own / growth).mean() / seen
    return np.asarray(np.log(sizes / count) - distances * (count - 1) / (2 * (1 - shrinkage.amount)))
