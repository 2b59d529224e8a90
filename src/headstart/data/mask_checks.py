"""What is asked of masks once the pictures have been looked at, and what a profile says of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from headstart.core.dataset import Dataset, Indices
from headstart.core.ledger import Ledger
from headstart.core.profile import MaskProfile
from headstart.data.facts import Facts
from headstart.data.item_facts import ItemFacts

OTHER_SIZE = "the mask has another size than the picture"


class MaskChecks:
    """Readers have compared every mask with the head of its picture; what they could not read is compared here."""

    name = "semantic-segmentation"

    def check(self, dataset: Dataset, facts: ItemFacts) -> tuple[Dataset, ItemFacts]:
        """The data set of the pictures whose masks have their size."""
        fits = _fitting(dataset, facts)
        if len(fits) == len(dataset):
            return dataset, facts
        names = [dataset.inputs.name(row) for row in np.setdiff1d(np.arange(len(dataset)), fits)]
        kept = dataset.take(fits)
        ledger = kept.ledger + Ledger.of(("skipped", OTHER_SIZE, name) for name in names)
        return replace(kept, ledger=ledger), facts.take(fits)

    def described(self, dataset: Dataset, facts: ItemFacts) -> dict[str, Any]:
        """Pixels of each class, and those of none."""
        del facts
        counts = np.zeros(len(dataset.labels), np.int64)
        pixels = 0
        for mask in dataset.targets:
            counts += mask.counts(len(dataset.labels))
            pixels += mask.size[0] * mask.size[1]
        return {"masks": MaskProfile(pixels=tuple(counts.tolist()), ignored=pixels - int(counts.sum()))}


def _fitting(dataset: Dataset, facts: ItemFacts) -> Indices:
    if not isinstance(facts, Facts):
        return np.arange(len(dataset))
    sizes = zip(facts.rows["width"].tolist(), facts.rows["height"].tolist(), strict=True)
    fits = [mask.size == size for mask, size in zip(dataset.targets, sizes, strict=True)]
    return np.flatnonzero(fits).astype(np.int64)


CHECK = MaskChecks()
