"""What is asked of the facts about items, whatever the items are."""

from __future__ import annotations

from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Indices
from headstart.core.ledger import LedgerLine
from headstart.core.profile import Spread


class ItemFacts(Protocol):
    """What one look at N items has told; `unreadable` holds, by reason, those that are not among them."""

    @property
    def unreadable(self) -> tuple[LedgerLine, ...]:
        """Lines of the ledger."""
        ...

    def __len__(self) -> int: ...

    def take(self, indices: Indices) -> Self:
        """The facts of just these items, in this order."""
        ...

    @property
    def content(self) -> npt.NDArray[np.uint8]:
        """uint8 (N, 16): a hash of each item."""
        ...

    @property
    def first_copies(self) -> Indices:
        """int64 (N,): for each item the first one with the same content."""
        ...

    @property
    def near_pairs(self) -> Indices:
        """int64 (P, 2): pairs of items that are nearly the same; of exact copies the first ones only."""
        ...

    @property
    def near_search(self) -> str:
        """A sentence on how near duplicates were looked for, where that was not the usual way."""
        ...

    def described(self) -> dict[str, Any]:
        """Fields of the `Profile` that say what these items are like."""
        ...


def spread_of(values: npt.NDArray[Any]) -> Spread:
    """Smallest, quartiles and largest of at least one value."""
    smallest, lower, median, upper, largest = (float(value) for value in np.quantile(values, (0, 0.25, 0.5, 0.75, 1)))
    return Spread(smallest=smallest, lower=lower, median=median, upper=upper, largest=largest)


def counts_of(values: npt.NDArray[np.str_]) -> dict[str, int]:
    """How often each value occurs, the most frequent first."""
    names, counts = np.unique(values, return_counts=True)
    return {str(names[place]): int(counts[place]) for place in np.argsort(-counts, kind="stable")}
