"""The statistics of a comparison, all in one place: what `headstart.metrics` says of scores, gains and curves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from headstart.comparing.scores import Scores
from headstart.core.gain import Band, CurvePoint, Gain, LabelsSaved, LearningCurve
from headstart.core.wilson import wilson
from headstart.metrics import learning_curve
from headstart.metrics.gain_decision import at_level, quantile, two_sided
from headstart.metrics.multiple import holm
from headstart.metrics.paired_gain import paired_gain

LEAST_POINTS = 3
"""A curve of three parameters through fewer numbers of labels would say nothing."""
Groups = npt.NDArray[np.int32]


def gain_of(ours: Scores, theirs: Scores, *, groups: Groups | None, margin: float) -> Gain:
    """The gain of one arm over another, from scores (R, N) in pairs; whole `groups` (N,) count as one."""
    return paired_gain(ours, theirs, groups=groups, margin=margin)


def gain_over_draws(ours: Scores, theirs: Scores, *, groups: Groups | None, margin: float) -> Gain:
    """The gain over an arm that draws its weights anew in every repeat, where ours has the same in all of them.

    Ours may be just another draw, and a lucky one: so the variance of a single draw comes on top, and it is known from
    the repeats alone. Without it, a network that has learnt nothing would be found helpful in one of nine cases.
    """
    gain = gain_of(ours, theirs, groups=groups, margin=margin)
    luck = float(theirs.mean(axis=1).var(ddof=1))
    known = gain.standard_error**2
    error, degrees = math.sqrt(known + luck), gain.degrees
    if luck > 0:  # those of a sum of variances, each with its own (Satterthwaite 1946)
        degrees = (known + luck) ** 2 / (known**2 / gain.degrees + luck**2 / (len(theirs) - 1))
    wider = at_level(gain.model_copy(update={"standard_error": error, "degrees": degrees}), gain.level)
    return wider.model_copy(
        update={
            "p_value": two_sided(gain.estimate, error=error, degrees=degrees),
            "variance": {},
            "items_needed": None,
            "repeats_needed": None,
        }
    )


def judged_together(gains: Mapping[str, Gain]) -> dict[str, Gain]:
    """Gains that would mislead if each were judged as if it were the only one."""
    return holm(gains)


def interval_of(scores: Scores, *, groups: Groups | None) -> tuple[float, float]:
    """The 95 % interval of the mean of scores (R, N): Wilson's, with the variance of repeats and items together."""
    spread = paired_gain(scores, np.zeros_like(scores), groups=groups, margin=0.0)
    value, variance = spread.estimate, spread.standard_error**2
    if variance == 0 or not 0 < value < 1:
        return wilson(value, size=scores.shape[1])
    return wilson(value, size=value * (1 - value) / variance, quantile=quantile(0.95, spread.degrees))


def curve_of(points: Sequence[CurvePoint]) -> LearningCurve | None:
    """The curve through points of rising numbers of labels; None where there are too few of them."""
    return learning_curve.fit_curve(points) if len(points) >= LEAST_POINTS else None


def labels_saved(transfer: LearningCurve, control: LearningCurve, *, at: int) -> LabelsSaved:
    """How many labels the control would need to reach what transfer reaches with `at`."""
    return learning_curve.labels_saved(transfer, control, at=at)


def gain_of_twice(curve: LearningCurve) -> Band:
    """What twice the labels would add."""
    return learning_curve.gain_of_doubling(curve)


def band_of(curve: LearningCurve, *, labels: float) -> Band:
    """What so many labels bring."""
    return learning_curve.value_at(curve, labels=labels)
