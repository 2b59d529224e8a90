from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from headstart.data.columns import (
    ArrayColumn,
    ArrowBytesColumn,
    JoinedColumn,
    PathColumn,
    holds_pictures,
    join_columns,
    path_array,
)


def test_path_column_reads_and_stamps_files(tmp_path: Path) -> None:
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "ü.jpg").write_bytes(b"one")
    (tmp_path / "b.jpg").write_bytes(b"three")
    column = PathColumn(tmp_path, path_array(["cat/ü.jpg", "b.jpg", "gone.jpg"]))
    assert len(column) == 3
    assert [column.name(index) for index in range(3)] == ["cat/ü.jpg", "b.jpg", "gone.jpg"]
    assert column.read(1) == b"three"
    stamp = column.stamp(0)
    assert stamp is not None
    assert stamp.size == 3
    assert stamp.modified_ns == (tmp_path / "cat" / "ü.jpg").stat().st_mtime_ns
    assert Path(stamp.path) == tmp_path / "cat" / "ü.jpg"
    assert column.stamp(2) is None
    with pytest.raises(FileNotFoundError):
        column.read(2)
    taken = column.take(np.array([1, 0]))
    assert [taken.name(0), taken.name(1)] == ["b.jpg", "cat/ü.jpg"]
    assert taken.read(0) == b"three"


def test_path_column_keeps_names_that_are_not_unicode(tmp_path: Path) -> None:
    raw = b"caf\xe9.jpg"
    try:
        Path(str(tmp_path), raw.decode("utf-8", "surrogateescape")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes only Unicode names")
    column = PathColumn(tmp_path, path_array([raw.decode("utf-8", "surrogateescape"), "b.jpg"]))
    assert column.binary
    assert column.read(0) == b"x"
    assert column.name(0) == "caf\\xe9.jpg"
    assert column.name(1) == "b.jpg"
    assert column.stamp(0) is not None


def test_an_absolute_path_stands_for_itself(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"a")
    column = PathColumn(tmp_path / "elsewhere", path_array([str(tmp_path / "a.jpg")]))
    assert column.read(0) == b"a"


def test_a_million_paths_cost_tens_of_bytes_each() -> None:
    paths = [f"train/class{index % 100:03d}/{index:07d}.jpg" for index in range(1_000_000)]
    characters = sum(map(len, paths)) / len(paths)
    pa.default_memory_pool().release_unused()
    before = pa.total_allocated_bytes()
    column = PathColumn(Path("photos"), path_array(paths))
    arrow = (pa.total_allocated_bytes() - before) / len(paths)
    del paths
    assert characters < 30
    assert arrow < characters + 16
    tracemalloc.start()
    part = column.take(np.arange(0, 1_000_000, 2))
    python = tracemalloc.get_traced_memory()[0] / len(part)
    tracemalloc.stop()
    assert python < 1, "there must be no Python object per item"
    assert part.name(3) == "train/class006/0000006.jpg"


def test_arrow_column_of_structs_reads_bytes_or_the_file_at_the_path(tmp_path: Path) -> None:
    file = tmp_path / "on_disk.png"
    file.write_bytes(b"from disk")
    values = [
        {"bytes": b"inside", "path": None},
        {"bytes": b"named", "path": "a.png"},
        {"bytes": None, "path": str(file)},
        None,
    ]
    column = ArrowBytesColumn(
        pa.chunked_array([values[:2], values[2:]], pa.struct({"bytes": pa.binary(), "path": pa.string()}))
    )
    assert [column.name(index) for index in range(4)] == ["row 0", "a.png", str(file), "row 3"]
    assert [column.read(index) for index in range(3)] == [b"inside", b"named", b"from disk"]
    assert column.stamp(1) is None
    stamp = column.stamp(2)
    assert stamp is not None
    assert stamp.size == 9
    with pytest.raises(OSError, match="row 3 holds neither"):
        column.read(3)


def test_arrow_column_of_bytes_takes_rows_and_keeps_their_names() -> None:
    stored = pa.array([b"zero", b"one", b"two"])
    shuffled = ArrowBytesColumn(stored, np.array([2, 0, 1]))
    assert [shuffled.read(index) for index in range(3)] == [b"two", b"zero", b"one"]
    taken = shuffled.take(np.array([1, 2])).take(np.array([1]))
    assert len(taken) == 1
    assert taken.read(0) == b"one"
    assert taken.name(0) == "row 2", "the row of the data as they were given, not of the file that stores them"


def test_array_column_takes_rows_without_copying() -> None:
    images = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
    taken = ArrayColumn(images).take(np.array([1]))
    assert np.shares_memory(taken.read(0), images)
    assert np.array_equal(taken.read(0), images[1])
    assert taken.name(0) == "row 1"
    assert taken.stamp(0) is None
    pictures = [Image.new("L", (2, 2), shade) for shade in (3, 4)]
    assert ArrayColumn(pictures).take(np.array([1])).read(0) is pictures[1]


def test_joined_column_finds_the_column_of_each_item() -> None:
    first, second = ArrayColumn([np.zeros((1, 1)), np.ones((1, 1))]), ArrowBytesColumn(pa.array([b"x"]))
    joined = JoinedColumn([first, second], ["train", "test"]).take(np.array([2, 1]))
    assert len(joined) == 2
    assert [joined.name(0), joined.name(1)] == ["test/row 0", "train/row 1"]
    assert joined.read(0) == b"x"
    assert joined.read(1) is first.images[1]
    assert joined.stamp(0) is None


def test_columns_of_files_are_joined_under_their_common_root(tmp_path: Path) -> None:
    for name in ("one/a.jpg", "two/in/b.jpg"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(name.encode())
    outside = str(tmp_path / "one" / "a.jpg")
    columns = [
        PathColumn(tmp_path / "one", path_array(["a.jpg"])),
        PathColumn(tmp_path / "two", path_array(["in/b.jpg"])),
        PathColumn(tmp_path / "two", path_array([outside])),
    ]
    joined, prefixes = join_columns(columns, ["train", "val", "test"])
    assert isinstance(joined, PathColumn)
    assert prefixes == ("one", "two", "two")
    assert [joined.read(index) for index in range(3)] == [b"one/a.jpg", b"two/in/b.jpg", b"one/a.jpg"]
    assert [joined.name(0), joined.name(1)] == ["one/a.jpg", "two/in/b.jpg"]


def test_unlike_columns_are_joined_one_after_the_other() -> None:
    joined, prefixes = join_columns(
        [ArrayColumn([np.zeros(1)]), PathColumn(Path(), path_array(["a"]))], ["train", "test"]
    )
    assert isinstance(joined, JoinedColumn)
    assert prefixes == ("train", "test")
    assert joined.name(1) == "test/a"


@pytest.mark.parametrize(
    ("kind", "holds"),
    [
        (pa.binary(), True),
        (pa.large_binary(), True),
        (pa.struct({"bytes": pa.binary(), "path": pa.string()}), True),
        (pa.struct({"path": pa.string()}), False),
        (pa.string(), False),
    ],
)
def test_which_arrow_types_hold_pictures(kind: pa.DataType, holds: bool) -> None:
    assert holds_pictures(kind) is holds
