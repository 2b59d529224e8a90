"""Segments on disk: what was written is what is read, and damage is seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.errors import RunError
from headstart.features.segment import (
    Segment,
    SegmentWriter,
    content_keys,
    index_size,
    read_segment,
    remove_segment,
    row_checks,
)
from tests.features.samples import contents, rows_of


def write(folder: Path, count: int = 5, width: int = 4) -> Path:
    writer = SegmentWriter(folder, width)
    writer.append(contents(count), rows_of(count, width=width))
    writer.close()
    return writer.index


def opened(index: Path, width: int = 4) -> Segment:
    segment = read_segment(index, width)
    assert segment is not None
    return segment


def test_what_is_written_is_read(tmp_path: Path) -> None:
    segment = opened(write(tmp_path))
    assert np.array_equal(segment.rows, rows_of(5))
    assert np.array_equal(segment.entries["content"], content_keys(contents(5)))
    assert not len(segment.damaged(np.arange(5)))


def test_nothing_is_seen_before_it_is_published(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, 4)
    writer.append(contents(2), rows_of(2))
    assert not writer.index.exists()
    writer.publish()
    assert len(opened(writer.index).entries) == 2
    writer.append(contents(1, start=2), rows_of(1, seed=1))
    assert len(opened(writer.index).entries) == 2
    writer.close()
    assert np.array_equal(opened(writer.index).rows[2:], rows_of(1, seed=1))
    assert len(writer) == 3


def test_a_segment_without_rows_leaves_no_file(tmp_path: Path) -> None:
    SegmentWriter(tmp_path, 4).close()
    assert list(tmp_path.iterdir()) == []


@given(byte=st.integers(0, 5 * 16 - 1), bit=st.integers(0, 7))
def test_every_changed_bit_of_a_row_is_seen(tmp_path_factory: pytest.TempPathFactory, byte: int, bit: int) -> None:
    index = write(tmp_path_factory.mktemp("segment"))
    rows = bytearray(index.with_suffix(".rows").read_bytes())
    rows[byte] ^= 1 << bit
    index.with_suffix(".rows").write_bytes(rows)
    assert opened(index).damaged(np.arange(5)).tolist() == [byte // 16]


@given(byte=st.integers(0, index_size(5) - 1), bit=st.integers(0, 7))
def test_every_changed_bit_of_an_index_is_seen(tmp_path_factory: pytest.TempPathFactory, byte: int, bit: int) -> None:
    index = write(tmp_path_factory.mktemp("segment"))
    data = bytearray(index.read_bytes())
    data[byte] ^= 1 << bit
    index.write_bytes(data)
    assert read_segment(index, 4) is None


@given(length=st.integers(0, index_size(5) - 1))
def test_a_shortened_index_is_none(tmp_path_factory: pytest.TempPathFactory, length: int) -> None:
    index = write(tmp_path_factory.mktemp("segment"))
    index.write_bytes(index.read_bytes()[:length])
    assert read_segment(index, 4) is None


def test_rows_of_another_width_are_not_read(tmp_path: Path) -> None:
    assert read_segment(write(tmp_path), 5) is None


def test_rows_that_are_cut_off_are_damaged(tmp_path: Path) -> None:
    index = write(tmp_path)
    rows = index.with_suffix(".rows")
    rows.write_bytes(rows.read_bytes()[: 3 * 16 + 5])
    segment = opened(index)
    assert len(segment.rows) == 3
    assert sorted(segment.damaged(np.arange(5))) == [3, 4]
    rows.unlink()
    assert sorted(opened(index).damaged(np.arange(5))) == [0, 1, 2, 3, 4]


def test_a_row_is_bound_to_its_content() -> None:
    rows = np.repeat(rows_of(1), 2, axis=0)
    first, second = row_checks(content_keys(contents(2)), rows)
    assert first != second


def test_a_buried_row_is_nobodys(tmp_path: Path) -> None:
    index = write(tmp_path)
    opened(index).bury(np.array([1, 3]))
    known = opened(index).entries["content"] == content_keys(contents(5))
    assert known.tolist() == [True, False, True, False, True]


def test_a_removed_segment_is_gone(tmp_path: Path) -> None:
    index = write(tmp_path)
    assert remove_segment(index)
    assert remove_segment(index)
    assert list(tmp_path.iterdir()) == []


def test_rows_of_a_wrong_shape_are_a_mistake(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, 4)
    with pytest.raises(ValueError, match="width 4"):
        writer.append(contents(2), rows_of(2, width=3))
    writer.close()


def test_a_folder_that_cannot_be_made_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunError, match="HEADSTART_CACHE"):
        SegmentWriter(tmp_path / "file", 4)
