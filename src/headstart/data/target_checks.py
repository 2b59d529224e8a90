"""What is done with targets that are more than labels once their items have been looked at, by task."""

from __future__ import annotations

from typing import Any, Protocol

from headstart.core.dataset import Dataset
from headstart.core.table import Table
from headstart.data.item_facts import ItemFacts


class TargetCheck(Protocol):
    """What one task asks of its targets."""

    def check(self, dataset: Dataset, facts: ItemFacts) -> tuple[Dataset, ItemFacts]:
        """The data set whose targets fit its items, with a line in the ledger for everything repaired or left out.

        Raises `DataError` with all problems that only the user can settle.
        """
        ...

    def described(self, dataset: Dataset, facts: ItemFacts) -> dict[str, Any]:
        """Fields of the `Profile` that say what the targets are like."""
        ...


CHECKS: Table[TargetCheck] = Table(
    "target check",
    {
        "token-classification": "headstart.data.entity_checks:CHECK",
        "object-detection": "headstart.data.box_checks:BOXES",
        "semantic-segmentation": "headstart.data.mask_checks:CHECK",
    },
)
"""By the name of the task; tasks whose targets are labels need none."""


def checked_targets(dataset: Dataset, facts: ItemFacts) -> tuple[Dataset, ItemFacts]:
    """The data set as its task wants it; `facts` are those of the same items."""
    return CHECKS[dataset.task].check(dataset, facts) if dataset.structured else (dataset, facts)


def described_targets(dataset: Dataset, facts: ItemFacts) -> dict[str, Any]:
    """Fields of the `Profile` about the targets."""
    return CHECKS[dataset.task].described(dataset, facts) if dataset.structured else {}
