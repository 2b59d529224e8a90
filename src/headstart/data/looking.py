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
    _refuse(reading, text="--text-column", text_pair="--text-pair-column")
    return input_column(inputs, reading)


def _texts(inputs: Any, reading: ReadOptions) -> tuple[InputColumn, list[Event]]:
    _refuse(reading, image="--image-column", image_folder="--image-folder")
    return text_input_column(inputs, reading)


def _refuse(reading: ReadOptions, **options: str) -> None:
    """Options by the names of what they set: those of the other modality."""
    given = [option for name, option in options.items() if getattr(reading, name) is not None]
    if given:
        others, own = ("texts", "pictures") if "text" in options else ("pictures", "texts")
        verb = "is" if len(given) == 1 else "are"
        raise OptionError(f"{' and '.join(given)} {verb} for models of {others}; the run is one of {own}.")


def _paths(words: Sequence[str]) -> list[Any]:
    return [Path(word) for word in words]


UNLABELLED = {
    "image": Unlabelled(_pictures, _paths),
    "text": Unlabelled(_texts, text_arguments),
}
"""By what the items are."""
