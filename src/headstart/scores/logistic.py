"""A linear probe by logistic regression, cross-validated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headstart.scores.prepared import Prepared
from headstart.scores.score import Score, several_labels, small_class
from headstart.scores.spectrum import Doubles, Integers

FOLDS = 5
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)


@dataclass(frozen=True)
class Split:
    """Rows to fit on and rows to judge by."""

    fitted: Integers
    judged: Integers


class Logistic(Score):
    """The accuracy of L2-regularised logistic regression on standardised features, over five stratified folds.

    Cox, The regression analysis of binary sequences, 1958; as a proxy for fine-tuning in Renggli et al., Which model to
    transfer?, 2022. Means, deviations and the penalty (scikit-learn's C, a decade apart) are chosen inside each fold,
    the penalty by the log loss on a fifth of its rows. Groups stay together.

    Range: 0 to 1; on noise about the chance of guessing. Tens of fits: seconds to minutes where ridge takes
    milliseconds, for the same order of models in all but close calls.
    """

    name = "logistic"
    proportion = True
    most_rows = 5000
    most_repeats = 5

    def lacking(self, rows: Prepared) -> str | None:
        """One label an item, and enough of each class for two folds."""
        few = rows.groups is not None and _units_of_rarest(rows) < 2
        return several_labels(rows) or small_class(rows, least=2) or ("a class is in one group only" if few else None)

    def compute(self, rows: Prepared, *, seed: int) -> float:
        """Over all rows, each judged once."""
        right = 0
        for number, outer in enumerate(_splits(rows, seed=seed)):
            inner = _splits(rows.take(outer.fitted), seed=seed + number) if _divisible(rows.take(outer.fitted)) else []
            strength = STRENGTHS[len(STRENGTHS) // 2]
            if inner:
                part = Split(outer.fitted[inner[0].fitted], outer.fitted[inner[0].judged])
                losses = [_log_loss(_fitted(rows, part, value), rows.y[part.judged]) for value in STRENGTHS]
                strength = STRENGTHS[int(np.argmin(losses))]
            right += int((_fitted(rows, outer, strength).argmax(axis=1) == rows.y[outer.judged]).sum())
        return right / len(rows)


LOGISTIC = Logistic()


def _units_of_rarest(rows: Prepared) -> int:
    """In how many groups the class that is in fewest of them is."""
    assert rows.groups is not None
    pairs = np.unique(np.stack([rows.y, rows.groups]), axis=1)
    return int(np.bincount(pairs[0]).min())


def _divisible(rows: Prepared) -> bool:
    return bool(rows.class_sizes.min() >= 2) and (rows.groups is None or _units_of_rarest(rows) >= 2)


def _splits(rows: Prepared, *, seed: int) -> list[Split]:
    """At most five, stratified, each class on both sides wherever it can be."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    count = min(FOLDS, int(rows.class_sizes.min()) if rows.groups is None else _units_of_rarest(rows))
    folds = StratifiedKFold if rows.groups is None else StratifiedGroupKFold
    split = folds(count, shuffle=True, random_state=seed).split(rows.x, rows.y, rows.groups)
    return [Split(fitted, judged) for fitted, judged in split]


def _fitted(rows: Prepared, split: Split, strength: float) -> Doubles:
    """(J, C): probabilities of the judged rows, 0 for classes that no fitted row has."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=200, tol=1e-3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # weak penalties may not settle, and are not chosen then
        model.fit(rows.x[split.fitted], rows.y[split.fitted])
    probabilities = np.zeros((len(split.judged), rows.indicators.shape[1]))
    probabilities[:, model.classes_] = model.predict_proba(rows.x[split.judged])
    return probabilities


def _log_loss(probabilities: Doubles, truth: Integers) -> float:
    return -float(np.log(probabilities[np.arange(len(truth)), truth].clip(min=1e-12)).mean())
