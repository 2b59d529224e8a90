"""What was decided about a split, kept with the run, so that a later fit on more data decides the same."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Dataset, Part
from headstart.core.errors import RunError
from headstart.core.files import write_atomically
from headstart.data.fingerprint import fingerprint
from headstart.data.units import Content, Keys, content_keys, group_keys


class SplitBook(Mapping[bytes, int]):
    """The part of each content, and of each group by a hash of its name: 17 bytes an entry, looked up by 16 bytes."""

    def __init__(self, keys: Keys, parts: npt.NDArray[np.int8], *, validation: float, test: float, data: str) -> None:
        order = np.argsort(keys, kind="stable")
        self.keys_sorted, self.parts = keys[order], parts[order]
        self.validation, self.test, self.data = validation, test, data

    def parts_of(self, content: Content) -> npt.NDArray[np.int8]:
        """int8 (N,) parts of uint8 (N, 16) contents, `UNASSIGNED` for unknown ones."""
        wanted = content_keys(content)
        if not len(self.keys_sorted):
            return np.full(len(wanted), Part.UNASSIGNED, np.int8)
        places = np.minimum(np.searchsorted(self.keys_sorted, wanted), len(self.keys_sorted) - 1)
        return np.where(self.keys_sorted[places] == wanted, self.parts[places], np.int8(Part.UNASSIGNED)).astype(
            np.int8
        )

    def __getitem__(self, content: bytes) -> int:
        part = int(self.parts_of(np.frombuffer(content, np.uint8).reshape(1, 16))[0])
        if part == Part.UNASSIGNED:
            raise KeyError(content)
        return part

    def __iter__(self) -> Iterator[bytes]:
        return (row.tobytes() for row in self.keys_sorted.view(np.uint8).reshape(-1, 16))

    def __len__(self) -> int:
        return len(self.keys_sorted)


def look_up(pinned: Mapping[bytes, int], keys: Content) -> npt.NDArray[np.int8]:
    """int8 (N,) parts of uint8 (N, 16) keys, `UNASSIGNED` for unknown ones."""
    if isinstance(pinned, SplitBook):
        return pinned.parts_of(keys)
    return np.array([pinned.get(row.tobytes(), Part.UNASSIGNED) for row in keys], np.int8)


def save_split(dataset: Dataset, path: Path, *, validation: float = 0.2, test: float = 0.2) -> None:
    """Write the parts of a split data set as a Parquet file. Raises `RunError` where it cannot be written."""
    import pyarrow as pa
    import pyarrow.parquet

    if dataset.content is None:
        raise ValueError("save_split needs the content hashes of a scanned data set")
    known, parts = _decisions(dataset)
    keys, first = np.unique(content_keys(known), return_index=True)
    column = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(keys), [None, pa.py_buffer(keys.tobytes())])
    table = pa.table({"key": column, "part": pa.array(parts[first], pa.int8())})
    described = {"fingerprint": fingerprint(dataset), "validation": repr(validation), "test": repr(test)}
    buffer = io.BytesIO()
    pa.parquet.write_table(table.replace_schema_metadata(described), buffer)
    write_atomically(path, buffer.getvalue())


def _decisions(dataset: Dataset) -> tuple[Content, npt.NDArray[np.int8]]:
    """Keys uint8 (M, 16) of contents and groups, and their parts."""
    assert dataset.content is not None
    if dataset.groups is None:
        return dataset.content, dataset.parts
    present, first = np.unique(dataset.groups, return_index=True)
    names = group_keys(dataset.group_names[code] for code in present)
    return np.concatenate([dataset.content, names]), np.concatenate([dataset.parts, dataset.parts[first]])


def load_pinned(path: Path) -> SplitBook:
    """Read what `save_split` wrote. Raises `RunError` where the file is missing or is no such file."""
    import pyarrow as pa
    import pyarrow.parquet

    try:
        table = pa.parquet.read_table(path)
        described = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
        keys = np.array(table.column("key").to_pylist(), "S16")
        parts = table.column("part").to_numpy().astype(np.int8)
        fractions = {name: float(described[name]) for name in ("validation", "test")}
        return SplitBook(keys, parts, **fractions, data=described["fingerprint"])
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        raise RunError(f"{path} is not a readable split: {error}", hint="Delete it to split the data anew.") from error
