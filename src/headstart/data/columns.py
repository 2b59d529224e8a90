"""The inputs of a data set as columns: Arrow and numpy arrays, no Python object per item."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headstart.core.dataset import Indices, InputColumn, Stamp
from headstart.data.file_names import printable, under

ABSOLUTE = r"^(/|\\|[A-Za-z]:)"  # of Unix, of Windows


def path_array(paths: Sequence[str]) -> pa.Array:
    """An Arrow column of paths; file names that are not valid Unicode are kept as the bytes that the disk has."""
    try:
        return pa.array(paths, pa.large_string())
    except UnicodeEncodeError:
        return pa.array([os.fsencode(path) for path in paths], pa.large_binary())


def holds_pictures(kind: pa.DataType) -> bool:
    """Whether a column of this Arrow type may hold encoded pictures: `binary`, or a struct with a field `bytes`."""
    if pa.types.is_struct(kind):
        return any(kind.field(place).name == "bytes" for place in range(kind.num_fields))
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


class PathColumn:
    """Files named by paths relative to `root`; an absolute path stands for itself."""

    def __init__(self, root: Path, paths: pa.Array) -> None:
        self.root = Path(root)
        self.paths = paths

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def binary(self) -> bool:
        """Whether the paths are kept as bytes, because some are not valid Unicode."""
        return bool(pa.types.is_large_binary(self.paths.type))

    def name(self, index: int) -> str:
        """The path relative to the root."""
        return printable(self._relative(index))

    def read(self, index: int) -> bytes:
        """The file's bytes. Raises `OSError` where it cannot be read."""
        return self._full(index).read_bytes()

    def stamp(self, index: int) -> Stamp | None:
        """The file's stamp; None where the file is gone."""
        return _file_stamp(self._full(index))

    def take(self, indices: Indices) -> PathColumn:
        """The column of just these files, in this order."""
        return PathColumn(self.root, self.paths.take(pa.array(indices)))

    def _relative(self, index: int) -> str:
        return os.fsdecode(self.paths[int(index)].as_py())

    def _full(self, index: int) -> Path:
        return self.root / self._relative(index)


class ArrowBytesColumn:
    """Encoded pictures in an Arrow column of `binary` or `struct<bytes, path>`, which may lie in a memory-mapped file.

    `rows` picks rows of `column` without copying any picture; None means all of them. A struct without bytes stands for
    the file at its path.
    """

    def __init__(self, column: Any, rows: Indices | None = None) -> None:
        self.column = column
        self.rows = np.arange(len(column), dtype=np.int64) if rows is None else np.asarray(rows, np.int64)
        self.names = np.arange(len(self.rows), dtype=np.int64)

    def __len__(self) -> int:
        return len(self.rows)

    def name(self, index: int) -> str:
        """The path that is stored with the picture, else its row in the column as it was given."""
        path = self._field(index, "path")
        return printable(path) if path else f"row {self.names[index]}"

    def read(self, index: int) -> bytes:
        """The encoded picture. Raises `OSError` where it is a file that cannot be read."""
        content = self._field(index, "bytes")
        if content is not None:
            return bytes(content)
        path = self._field(index, "path")
        if not path:
            raise OSError(f"{self.name(index)} holds neither bytes nor a path")
        return Path(path).read_bytes()

    def stamp(self, index: int) -> Stamp | None:
        """The stamp of the file at the path, where the column holds no bytes."""
        path = self._field(index, "path")
        return _file_stamp(Path(path)) if path and not self._has_bytes(index) else None

    def take(self, indices: Indices) -> ArrowBytesColumn:
        """The column of just these rows, in this order; pictures are not copied."""
        taken = ArrowBytesColumn(self.column, self.rows[indices])
        taken.names = self.names[indices]
        return taken

    def _value(self, index: int) -> Any:
        return self.column[int(self.rows[index])]

    def _field(self, index: int, field: str) -> Any:
        value = self._value(index)
        if not value.is_valid:
            return None
        if isinstance(value, pa.StructScalar):
            return value[field].as_py() if field in value else None
        return value.as_py() if field == "bytes" else None

    def _has_bytes(self, index: int) -> bool:
        value = self._value(index)
        return bool(value["bytes"].is_valid) if isinstance(value, pa.StructScalar) else True


class ArrayColumn:
    """Decoded pictures in memory: an array (N, H, W) or (N, H, W, C), or a list of arrays or PIL pictures."""

    def __init__(self, images: npt.NDArray[Any] | Sequence[Any], rows: Indices | None = None) -> None:
        self.images = images
        self.rows = np.arange(len(images), dtype=np.int64) if rows is None else np.asarray(rows, np.int64)

    def __len__(self) -> int:
        return len(self.rows)

    def name(self, index: int) -> str:
        """The row in the array or list as it was given."""
        return f"row {self.rows[index]}"

    def read(self, index: int) -> Any:
        """The array (H, W) or (H, W, C), or the PIL picture."""
        return self.images[int(self.rows[index])]

    def stamp(self, index: int) -> Stamp | None:
        """None: these are not files."""
        del index
        return None

    def take(self, indices: Indices) -> ArrayColumn:
        """The column of just these rows, in this order; pictures are not copied."""
        return ArrayColumn(self.images, self.rows[indices])


class JoinedColumn:
    """Several columns one after the other; the names of each start with its prefix, as in `train/row 12`."""

    def __init__(self, columns: Sequence[InputColumn], prefixes: Sequence[str], rows: Indices | None = None) -> None:
        self.columns = tuple(columns)
        self.prefixes = tuple(prefixes)
        self.starts = np.cumsum([0, *map(len, self.columns)], dtype=np.int64)
        self.rows = np.arange(self.starts[-1], dtype=np.int64) if rows is None else np.asarray(rows, np.int64)

    def __len__(self) -> int:
        return len(self.rows)

    def name(self, index: int) -> str:
        """The column's prefix and the name in that column."""
        which, row = self._find(index)
        return under(self.prefixes[which], self.columns[which].name(row))

    def read(self, index: int) -> Any:
        """What the column that holds the item gives."""
        which, row = self._find(index)
        return self.columns[which].read(row)

    def stamp(self, index: int) -> Stamp | None:
        """What the column that holds the item gives."""
        which, row = self._find(index)
        return self.columns[which].stamp(row)

    def take(self, indices: Indices) -> JoinedColumn:
        """The column of just these items, in this order."""
        return JoinedColumn(self.columns, self.prefixes, self.rows[indices])

    def _find(self, index: int) -> tuple[int, int]:
        row = self.rows[index]
        which = int(np.searchsorted(self.starts, row, side="right")) - 1
        return which, int(row - self.starts[which])


def join_columns(columns: Sequence[InputColumn], prefixes: Sequence[str]) -> tuple[InputColumn, tuple[str, ...]]:
    """One column of several, and what the names of each now start with.

    Columns of files become one column of files under their common root, whose names start with the folder that each was
    in instead of the prefix.
    """
    files = [column for column in columns if isinstance(column, PathColumn)]
    if len(files) < len(columns):
        return JoinedColumn(columns, prefixes), tuple(prefixes)
    roots = [column.root.absolute() for column in files]
    root = _common_root(roots)
    folders = [own.relative_to(root) if root != Path() else own for own in roots]
    arrays = [_rebased(column.paths, folder) for column, folder in zip(files, folders, strict=True)]
    if len({array.type for array in arrays}) > 1:
        arrays = [array.cast(pa.large_binary()) for array in arrays]
    shown = tuple("" if folder == Path() else folder.as_posix() for folder in folders)
    return PathColumn(root, pa.concat_arrays(arrays)), shown


def _common_root(roots: Sequence[Path]) -> Path:
    try:
        return Path(os.path.commonpath(roots))
    except ValueError:  # on different drives of Windows: an empty root leaves the paths absolute
        return Path()


def _rebased(paths: pa.Array, folder: Path) -> pa.Array:
    """The paths, relative to a folder above; absolute ones stay as they are."""
    if folder == Path():
        return paths
    if pa.types.is_large_string(paths.type) and not pc.any(pc.match_substring_regex(paths, ABSOLUTE)).as_py():
        return pc.binary_join_element_wise(pa.scalar(folder.as_posix(), paths.type), paths, pa.scalar("/", paths.type))
    return path_array([(folder / os.fsdecode(path.as_py())).as_posix() for path in paths])


def _file_stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:  # the reader of its content will meet the same error, and say so
        return None
    return Stamp(printable(str(path.absolute())), status.st_size, status.st_mtime_ns)
