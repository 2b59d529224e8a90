"""Hugging Face's folder of pictures: beside the pictures, a `metadata` table names each file and says what it shows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError
from headstart.core.ledger import Event, Ledger
from headstart.data.columns import PathColumn
from headstart.data.file_names import printable, under
from headstart.data.folders import list_folder, walk_pictures
from headstart.data.joining import join_parts
from headstart.data.labels import encode_classes
from headstart.data.parts import in_order, part_of
from headstart.data.reader import ReadOptions, local_path
from headstart.data.table_columns import find_columns
from headstart.data.table_file import TableFile, read_table_file
from headstart.data.table_labels import Labelled
from headstart.data.table_rows import labels_of, rows_to_dataset

METADATA = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
UNLISTED = "is not in the metadata"


class MetadataFolder:
    """`metadata.csv`, `.jsonl` or `.parquet` at the root, or one in each folder of the split."""

    name = "metadata-folder"
    layout = "ROOT/metadata.csv or .jsonl with file_name,label (also in each of ROOT/{train,val,test})"

    def sniff(self, source: Any) -> str | None:
        """A folder with a metadata file in it, or in the folder of a part."""
        path = local_path(source)
        if path is None or not path.is_dir():
            return None
        found = _metadata_in(path)
        return f"it holds {', '.join(file.relative_to(path).as_posix() for file in found.values())}" if found else None

    def read(self, source: Any, options: ReadOptions) -> Dataset:
        """Read the metadata; pictures that they do not name are left out, and the ledger lists them."""
        root = local_path(source)
        found = _metadata_in(root) if root is not None else {}
        if root is None or not found:
            raise DataError(f"{source} holds no metadata.csv or metadata.jsonl.")
        pieces = {word: _read(file, options) for word, file in found.items()}
        joined = pieces[""] if "" in pieces else join_parts(pieces, source=str(root))
        return replace(joined, source=str(root), ledger=joined.ledger + Ledger.of(_unlisted(root, joined)))


def _metadata_in(root: Path) -> dict[str, Path]:
    """Metadata files by the word for their part; one at the root has an empty word and stands for all."""
    listing = list_folder(root)
    here = [name for name in METADATA if name in listing.files]
    if here:
        return {"": root / here[0]}
    words = in_order([name for name in listing.folders if part_of(name) is not None])
    inside = {word: next((name for name in METADATA if (root / word / name).is_file()), None) for word in words}
    return {word: root / word / name for word, name in inside.items() if name}


def _read(path: Path, options: ReadOptions) -> Dataset:
    table = read_table_file(path, delimiter=options.delimiter)
    columns = find_columns(list(table.columns), options, place=path.name)
    labelled = labels_of(table, columns, options) or _labels_of_folders(table, columns.input)
    if labelled is None:
        raise DataError(
            f"{path} has no column of labels, only {', '.join(table.columns)}, and its files lie in no class folders.",
            hint="Add a column `label`, or name the one that holds the labels.",
        )
    return rows_to_dataset(table, columns, labelled, options)


def _labels_of_folders(table: TableFile, image: str) -> Labelled | None:
    """The class folder of each file, where the metadata say nothing of labels; None where the files are in none."""
    labels = [_class_of(name) for name in table.columns[image].to_pylist()]
    if not any(labels):
        return None
    names, codes = encode_classes(pa.array(labels, pa.large_string()))
    noted: Event = ("noted", "has no column of labels: each picture's folder is its class", table.path.name)
    return Labelled(names, codes, codes >= 0, (noted,))


def _class_of(name: str | None) -> str | None:
    folders = (name or "").replace("\\", "/").split("/")[:-1]
    inside = folders[1:] if folders and part_of(folders[0]) is not None else folders
    return inside[0] if inside else None


def _unlisted(root: Path, dataset: Dataset) -> list[Event]:
    """Ledger events for the pictures below the root that no row names."""
    inputs = dataset.inputs
    if not isinstance(inputs, PathColumn) or not inputs.root.absolute().is_relative_to(root.absolute()):
        return []
    before = inputs.root.absolute().relative_to(root.absolute()).as_posix().strip(".")
    named = {under(before, inputs.name(index)) for index in range(len(dataset))}
    named.update(under(before, item) for line in dataset.ledger.lines for item in line.items)
    pictures = map(printable, walk_pictures(root, "", events=[]))
    return [("skipped", UNLISTED, path) for path in pictures if path not in named]


READER = MetadataFolder()
