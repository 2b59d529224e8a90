"""A source of labelled data -> what everything else begins with: a data set looked at once, and its parts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError
from headstart.core.ledger import Ledger
from headstart.core.modality import noun
from headstart.core.options import FitOptions
from headstart.core.profile import Profile
from headstart.data import read_dataset
from headstart.data.item_facts import ItemFacts
from headstart.data.looking import look_at
from headstart.data.reader import ReadOptions
from headstart.data.split_book import load_pinned, save_split
from headstart.data.splitting import assign_parts
from headstart.data.unlabelled import unlabelled_texts
from headstart.profiling import profile

_FIT = FitOptions()
_READ = ReadOptions()


@dataclass(frozen=True)
class Data:
    """A data set that has been looked at once: every item was opened, what cannot be used is in the ledger."""

    dataset: Dataset
    facts: ItemFacts

    @cached_property
    def profile(self) -> Profile:
        """What is in it: classes, sizes, duplicates, leaks, warnings."""
        return profile(self.dataset, self.facts)

    @property
    def ledger(self) -> Ledger:
        """Every skipped, repaired, converted or substituted item, with its reason."""
        return self.dataset.ledger

    def __len__(self) -> int:
        return len(self.dataset)


def load_data(source: Any, *, options: ReadOptions = _READ) -> Data:
    """Read labelled data in any layout that is understood, and look at every item once.

    `source` is a folder, a table, the id of a hub data set, a `DatasetDict`, a pair of pictures and labels, or a
    mapping from `train`, `val` and `test` to such sources. Raises `DataError` with all problems at once.
    """
    return _looked_at(read_dataset(source, options))


def load_to_pretrain(source: Any, *, options: ReadOptions = _READ) -> Data:
    """The same for data that nobody may have labelled: texts without labels are read as well."""
    if isinstance(source, Data):
        return source
    found = unlabelled_texts(source, options)
    return load_data(source, options=options) if found is None else _looked_at(found)


def _looked_at(read: Dataset) -> Data:
    dataset, facts = look_at(read)
    if not len(dataset):
        raise DataError(
            [
                f"{dataset.source} holds no {noun(dataset.modality)} that can be read.",
                *(str(line) for line in dataset.ledger.lines),
            ]
        )
    return Data(dataset, facts)


def inspect(source: Any, *, options: ReadOptions = _READ) -> Profile:
    """What is in the data: task, classes, balance, sizes, bad files, duplicates, leaks."""
    return as_data(source, options=options).profile


def as_data(source: Any, *, options: ReadOptions = _READ) -> Data:
    """The source itself where it is loaded already."""
    return source if isinstance(source, Data) else load_data(source, options=options)


def split(data: Data, options: FitOptions = _FIT, *, kept: Path | None = None) -> Dataset:
    """The data set with every item in a part; items that were placed before, or in the split `kept`, stay there."""
    book = _split_book(data.dataset)
    known = kept or book
    dataset = assign_parts(
        data.dataset,
        validation=options.validation,
        test=options.test,
        pinned=load_pinned(known) if known.exists() else None,
    )
    if kept is not None:
        return dataset
    save_split(dataset, book, validation=options.validation, test=options.test)
    return dataset


def _split_book(dataset: Dataset) -> Path:
    import hashlib

    from headstart.core.runtime import cache_folder

    name = hashlib.sha256(str(Path(dataset.source).absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return cache_folder() / "splits" / f"{name}.parquet"
