"""Data sets of the `datasets` library: in memory, saved to a folder, in Parquet files, or by their id on the hub."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError
from headstart.core.ledger import Event, Ledger
from headstart.core.runtime import cache_folder, offline
from headstart.data.columns import holds_pictures
from headstart.data.folders import list_folder
from headstart.data.huggingface_rows import rows_to_dataset
from headstart.data.joining import join_parts
from headstart.data.parts import part_of
from headstart.data.reader import ReadOptions, local_path, source_name

IDENTIFIER = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
SAVED = ("dataset_dict.json", "state.json")


class HuggingFace:
    """Anything that `datasets.load_dataset` or `load_from_disk` gives, with an image column and labels."""

    name = "huggingface"
    layout = "a Hugging Face data set: its id, a folder of save_to_disk, Parquet with pictures inside, or a DatasetDict"

    def sniff(self, source: Any) -> str | None:
        """A data set in memory, a folder or file of that library, or what looks like an id."""
        if _in_memory(source):
            return f"it is a {type(source).__name__} of the datasets library"
        path = local_path(source)
        if path is None:
            return "it looks like the id of a Hugging Face data set" if _looks_like_id(source) else None
        if any((path / name).is_file() for name in SAVED):
            return "it was saved by the datasets library"
        shards = _shards(path)
        return f"{shards[0].name} holds pictures" if shards else None

    def read(self, source: Any, options: ReadOptions) -> Dataset:
        """Read labels; pictures stay where they are. Raises `DataError`, also where an id cannot be reached."""
        loaded = source if _in_memory(source) else _load(source, options)
        name = source_name(source)
        if isinstance(loaded, Mapping):
            return _read_splits(loaded, name, options)
        return rows_to_dataset(loaded, options, place=name)


def _in_memory(source: Any) -> bool:
    datasets = sys.modules.get("datasets")
    if datasets is None:
        return False
    kinds = (datasets.Dataset, datasets.DatasetDict, datasets.IterableDataset, datasets.IterableDatasetDict)
    return isinstance(source, kinds)


def _looks_like_id(source: Any) -> bool:
    """Whether a text that names nothing on the disk may be an id, and not a mistyped path."""
    if not isinstance(source, str) or not IDENTIFIER.fullmatch(source):
        return False
    owner, _, name = source.partition("/")
    return not (name and Path(owner).is_dir())


def _shards(path: Path) -> list[Path]:
    """Parquet files with pictures inside: the path itself, or those in the folder or in its folder `data`."""
    if path.is_file():
        return [path] if path.suffix.lower() == ".parquet" and _holds_pictures(path) else []
    found = [folder / name for folder in (path, path / "data") if folder.is_dir() for name in list_folder(folder).files]
    return [file for file in found if file.suffix.lower() == ".parquet" and _holds_pictures(file)]


def _holds_pictures(path: Path) -> bool:
    try:
        schema = pa.parquet.read_schema(path)
    except (OSError, pa.ArrowException):  # the reader of tables reports what is wrong with it
        return False
    return any(holds_pictures(field.type) for field in schema)


def _load(source: Any, options: ReadOptions) -> Any:
    path = local_path(source)
    if path is None:
        return _load_from_hub(str(source), options)
    import datasets

    try:
        if path.is_dir() and any((path / name).is_file() for name in SAVED):
            return datasets.load_from_disk(str(path))
        cache = str(cache_folder() / "datasets")
        if path.is_file():
            return datasets.load_dataset("parquet", data_files=str(path), split="train", cache_dir=cache)
        return datasets.load_dataset(str(path), name=options.configuration, cache_dir=cache)
    except (OSError, ValueError, pa.ArrowException, datasets.exceptions.DatasetsError) as error:
        raise DataError(f"{path} cannot be read by the datasets library: {_first_line(error)}") from error


def _load_from_hub(name: str, options: ReadOptions) -> Any:
    import datasets

    local_only = offline()
    datasets.config.HF_HUB_OFFLINE = local_only or datasets.config.HF_HUB_OFFLINE
    try:
        return datasets.load_dataset(name, name=options.configuration, revision=options.revision)
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        hint = (
            "The network is forbidden (--offline): load the data set once without that, or give a path."
            if local_only
            else "Check the id and the connection, or give a path to a file or folder."
        )
        raise DataError(
            f"'{name}' is no file or folder here, and no Hugging Face data set that can be had: {_first_line(error)}",
            hint=hint,
        ) from error


def _read_splits(splits: Mapping[str, Any], name: str, options: ReadOptions) -> Dataset:
    renamed = {word: options.split_names.get(word, word) for word in splits}
    if len(set(renamed.values())) < len(renamed):
        raise DataError(f"Several splits of {name} are to be called the same: {', '.join(splits)}.")
    splits = {renamed[word]: split for word, split in splits.items()}
    used = {word: split for word, split in splits.items() if part_of(word) is not None}
    if not used and len(splits) == 1:
        return rows_to_dataset(next(iter(splits.values())), options, place=name)
    if not used:
        raise DataError(
            f"{name} has the splits {', '.join(splits)}.", hint="Say which of them is train, validation and test."
        )
    pieces = {word: rows_to_dataset(split, options, place=word, split=True) for word, split in used.items()}
    reason = "a split that is not train, validation or test"
    others: list[Event] = [("skipped", reason, word) for word in splits if word not in used]
    joined = join_parts(pieces, source=name)
    return replace(joined, ledger=joined.ledger + Ledger.of(others))


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]


READER = HuggingFace()
