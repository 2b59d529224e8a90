"""One order from several: the mean of the ranks, which needs no common scale."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


def rank_average(columns: Mapping[str, Sequence[float | None]]) -> list[float | None]:
    """The mean rank of every candidate over the columns, in which bigger is better; 1 is the best.

    Equal values share the mean of their ranks. Where a candidate has no value in a column (None), the column does not
    count for it, and the ranks of the others are stretched to the length of a full column, so that to be second of two
    does not look like being second of ten. A candidate without any value has no rank.
    Raises `ValueError` for columns of different lengths and for values that are not finite.
    """
    if len({len(values) for values in columns.values()}) > 1:
        raise ValueError(f"columns of different lengths: { {name: len(values) for name, values in columns.items()} }")
    wrong = [name for name, values in columns.items() if any(v is not None and not math.isfinite(v) for v in values)]
    if wrong:
        raise ValueError(f"values that are not finite in: {', '.join(wrong)}")
    ranked = [_ranks(values) for values in columns.values()]
    means = []
    for ranks in zip(*ranked, strict=True):
        known = [rank for rank in ranks if rank is not None]
        means.append(math.fsum(known) / len(known) if known else None)
    return means


def shortlist(ranks: Sequence[float | None], *, size: int, always: Sequence[int] = ()) -> list[int]:
    """The indices of `size` candidates: those of `always` first, however they rank, then the best ranks.

    Equal ranks keep their order; candidates without a rank come last. More than `size` are kept only of `always`.
    """
    order = sorted(range(len(ranks)), key=lambda index: math.inf if (rank := ranks[index]) is None else rank)
    kept = list(dict.fromkeys(always))
    return [*kept, *[index for index in order if index not in kept][: max(size - len(kept), 0)]]


def _ranks(values: Sequence[float | None]) -> list[float | None]:
    known = sorted((value for value in values if value is not None), reverse=True)
    places: dict[float, list[int]] = {}
    for place, value in enumerate(known, 1):
        places.setdefault(value, []).append(place)
    stretch = len(values) / max(len(known), 1)
    rank = {value: (sum(at) / len(at) - 0.5) * stretch + 0.5 for value, at in places.items()}
    return [None if value is None else rank[value] for value in values]
