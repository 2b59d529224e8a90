"""What one arm has over another in a metric that is no mean over items, such as macro F1, AUROC, mean IoU or mAP.

Such a metric is a function of the items' weights. Leaving out one unit of items after the other (the jackknife of Tukey
1958) shows what each unit contributes to the metric of each pair of models: a table of repeats x units, as if the
metric were a mean of contributions. From there on all is as for accuracy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from headstart.core.errors import DataError
from headstart.core.gain import Gain
from headstart.metrics.gain_decision import LEVEL, MARGIN, check_settings
from headstart.metrics.metric import Metric
from headstart.metrics.outcome import Array, Integers, Outcome
from headstart.metrics.paired_gain import gain_of_table
from headstart.metrics.two_way import Doubles, two_way
from headstart.metrics.units import blocks_of, units_of
from headstart.metrics.weighted import Weighted

MOST_UNITS = 400
AT_ONCE = 4_000_000

Output = TypeVar("Output")


def paired_metric_gain(
    metric: Callable[[Output, Doubles], npt.NDArray[Any]],
    transfer: Sequence[Output],
    control: Sequence[Output],
    *,
    items: int,
    groups: Integers | None = None,
    margin: float = MARGIN,
    level: float = LEVEL,
    disagreement: float = float("nan"),
) -> Gain:
    """The difference of a metric of two arms, with its interval and decision.

    `transfer` and `control` are R outputs each, in pairs: what a model said of the N test items, with their truth, in
    whatever form the metric takes. `metric(output, weights)` gives (B,) values of 0..1 for weights (N, B) of the items,
    higher ones better; `of_outcomes` makes one of a `Metric`, `of_sums` of a function of sums over items. `groups` are
    those of `paired_gain`. More than 400 units are put together at random.

    Raises `DataError` where the metric is not defined without some unit, and `ValueError` for arms of different length.
    """
    check_settings(margin=margin, level=level)
    if len(transfer) != len(control) or not transfer:
        raise ValueError(f"{len(transfer)} and {len(control)} outputs: repeats come in pairs")
    unit_of, units = blocks_of(*units_of(items, groups), most=MOST_UNITS)
    if units < 2:
        raise ValueError(f"{units} unit of test items: an interval takes two")
    rows = [
        contributions(metric, ours, unit_of=unit_of, units=units)
        - contributions(metric, theirs, unit_of=unit_of, units=units)
        for ours, theirs in zip(transfer, control, strict=True)
    ]
    return gain_of_table(two_way(np.stack(rows)), items=items, disagreement=disagreement, margin=margin, level=level)


def contributions(
    metric: Callable[[Output, Doubles], npt.NDArray[Any]], output: Output, *, unit_of: Integers, units: int
) -> Doubles:
    """(G,) what each unit adds to the metric of one model; their mean is the metric itself."""
    width = max(1, AT_ONCE // len(unit_of))
    parts = [metric(output, np.ones((len(unit_of), 1)))]
    for start in range(0, units, width):
        left_out = np.arange(start, min(start + width, units))
        parts.append(metric(output, (unit_of[:, None] != left_out).astype(np.float64)))
    values = np.concatenate(parts).astype(np.float64)
    undefined = int((~np.isfinite(values)).sum())
    if undefined:
        raise DataError(
            f"The metric is not defined without one of the {units} units of test items, {undefined} times.",
            hint="It rests on a single item, or a single group: more test items of the rare kind are needed.",
        )
    everything, without = values[0], values[1:]
    return np.asarray(everything + (units - 1) * (without.mean() - without))


def of_outcomes(metric: Metric) -> Callable[[Outcome, Doubles], Array]:
    """A metric of the table of metrics as a function of an outcome and weights; higher is better in what it gives."""
    if not metric.bounded:
        raise ValueError(f"{metric.title} has no upper bound, so that a margin in points has no meaning")

    def compute(outcome: Outcome, weights: Doubles) -> Array:
        values = metric.compute(ByItem(outcome, weights))
        return values if metric.higher_is_better else 1 - values

    return compute


def of_sums(function: Callable[[Doubles], npt.NDArray[Any]]) -> Callable[[npt.NDArray[Any], Doubles], npt.NDArray[Any]]:
    """A metric that depends on sums over items only, as mean IoU (pixels by class) or entity F1 (hits by sentence) do.

    `function` takes sums (B, ...) of the statistics (N, ...) of the items and gives (B,) values.
    """

    def compute(statistics: npt.NDArray[Any], weights: Doubles) -> npt.NDArray[Any]:
        return function(np.tensordot(weights.T, np.asarray(statistics, np.float64), axes=1))

    return compute


class ByItem(Weighted):
    """An outcome under B sets of weights (N, B), one for each item, in double precision."""

    def __init__(self, outcome: Outcome, weights: Doubles) -> None:
        super().__init__(outcome)
        self.weights = weights

    def sums(self, cells: Integers, count: int, values: npt.NDArray[Any] | None = None) -> Array:
        """(count, B) sums."""
        from scipy.sparse import coo_array

        items = np.arange(len(self.outcome))
        items = np.broadcast_to(items if cells.ndim == 1 else items[:, None], cells.shape).ravel()
        heaps = np.ones(cells.size) if values is None else np.asarray(values, np.float64).ravel()
        table = coo_array((heaps, (cells.ravel(), items)), shape=(count, len(self.outcome)))
        return np.asarray(table.tocsr() @ self.weights)
