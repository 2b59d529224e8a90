"""What is asked of tagged words once their texts have been read, and what is said of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from headstart.core.dataset import Dataset
from headstart.core.ledger import Ledger
from headstart.core.profile import EntityProfile
from headstart.core.tags import spans_of
from headstart.data.item_facts import ItemFacts, spread_of
from headstart.data.sentences import NO_WORDS


class EntityCheck:
    """Texts have words, and entities are described by their number and length."""

    name = "token-classification"

    def check(self, dataset: Dataset, facts: ItemFacts) -> tuple[Dataset, ItemFacts]:
        """Leave out texts without words, such as those of invisible characters."""
        there = np.array([len(target) > 0 for target in dataset.targets], np.bool_)
        if there.all():
            return dataset, facts
        names = [dataset.inputs.name(int(place)) for place in np.flatnonzero(~there)]
        kept = np.flatnonzero(there).astype(np.int64)
        ledger = dataset.ledger + Ledger.of(("skipped", NO_WORDS, name) for name in names)
        return replace(dataset.take(kept), ledger=ledger), facts.take(kept)

    def described(self, dataset: Dataset, facts: ItemFacts) -> dict[str, Any]:
        """How many words and entities there are, and how long these are."""
        del facts
        if not len(dataset):
            return {}
        spans = [spans_of(target.tags) for target in dataset.targets]
        words = np.array([len(target) for target in dataset.targets])
        lengths = np.concatenate([own[:, 1] - own[:, 0] for own in spans])
        counts = np.sum([target.counts(len(dataset.labels)) for target in dataset.targets], axis=0)
        about = EntityProfile(
            words=spread_of(words),
            entities=int(counts.sum()),
            per_label=tuple(int(count) for count in counts),
            length=spread_of(lengths) if len(lengths) else None,
            share_of_words=float(lengths.sum() / words.sum()),
            without=int(sum(not len(own) for own in spans)),
        )
        return {"entities": about}


CHECK = EntityCheck()
