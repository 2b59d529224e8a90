"""Items that a network cannot take in whole, and what becomes of them: said aloud, and kept in the ledger."""

from __future__ import annotations

from headstart.core.card import ModelInput
from headstart.core.console import say
from headstart.core.dataset import Dataset
from headstart.core.ledger import Ledger
from headstart.core.modality import nouns
from headstart.features.preparation import preparation_of
from headstart.models.backbone import Backbone


def unfitting(dataset: Dataset, network: Backbone, facts: ModelInput, *, task: str = "") -> Ledger:
    """A line for each fate, with the items that it meets."""
    ledger = Ledger.of(preparation_of(network, facts, task=task).losses(dataset.inputs))
    for line in ledger.lines:
        say(f"{line} ({len(line.items) / len(dataset):.1%} of all)")
    return ledger


def shares(ledger: Ledger, dataset: Dataset) -> tuple[str, ...]:
    """How much of the data each line is about, as notes for the record of a run."""
    what = nouns(dataset.modality)
    return tuple(f"{len(line.items) / len(dataset):.1%} of the {what}: {line.reason}." for line in ledger.lines)
