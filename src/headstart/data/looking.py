"""What is done with data by what the items are: one look at each of a data set, and reading what has no labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.core.dataset import Dataset, InputColumn
from headstart.core.errors import OptionError
from headstart.core.ledger import Event
from headstart.data.inputs import input_column
from headstart.data.item_facts import ItemFacts
from headstart.data.reader import ReadOptions
from headstart.data.scan import scan
from headstart.data.target_checks import checked_targets
from headstart.data.text_inputs import text_arguments, text_input_column
from headstart.data.text_scan import scan_texts

SCANS: dict[str, Callable[[Dataset], tuple[Dataset, ItemFacts]]] = {"image": scan, "text": scan_texts}
"""By what the items are."""


def look_at(dataset: Dataset) -> tuple[Dataset, ItemFacts]:
    """The data set of the items that can be used, with `content` filled in, and what is known of each.

    Raises `DataError` for targets that do not fit their items.
    """
    return checked_targets(*SCANS[dataset.modality](dataset))


@dataclass(frozen=True)
class Unlabelled:
    """How things to predict are read: `column` from what Python hands over, `arguments` from words of a command.

    What `column` is also given names the columns of tables.
    """

    column: Callable[[Any, ReadOptions], tuple[InputColumn, list[Event]]]
    arguments: Callable[[Sequence[str]], list[Any]]


def _pictures(inputs: Any, reading: ReadOptions) -> tuple[InputColumn, list[Event]]:
    named = [name for name in ("text", "text_pair") if getattr(reading, name) is not None]
    if named:
        options = " and ".join(f"--{name.replace('_', '-')}-column" for name in named)
        raise OptionError(f"{options} is for models of texts; the run is one of pictures.")
    return input_column(inputs)


def _paths(words: Sequence[str]) -> list[Any]:
    return [Path(word) for word in words]


UNLABELLED = {
    "image": Unlabelled(_pictures, _paths),
    "text": Unlabelled(text_input_column, text_arguments),
}
"""By what the items are."""
