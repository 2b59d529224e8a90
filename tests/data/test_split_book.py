from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.dataset import Part
from headstart.core.errors import RunError
from headstart.data.fingerprint import fingerprint
from headstart.data.split_book import SplitBook, load_pinned, look_up, save_split
from headstart.data.units import content_keys, group_keys
from tests.data.synthetic import content_of, synthetic

PARTS = [Part.TRAIN, Part.TEST, Part.VALIDATION]


def test_what_was_saved_is_read_back(tmp_path: Path) -> None:
    dataset = synthetic("abca", [0, 1, 0, 0], parts=[*PARTS, Part.TRAIN])
    save_split(dataset, tmp_path / "run" / "split.parquet", validation=0.1, test=0.3)
    book = load_pinned(tmp_path / "run" / "split.parquet")
    assert dict(book) == {row.tobytes(): part for row, part in zip(content_of("abc"), PARTS, strict=True)}
    assert (book.validation, book.test) == (0.1, 0.3)
    assert book.data == fingerprint(dataset)
    assert b"x" * 16 not in book
    assert len(book) == 3


def test_groups_are_kept_by_name(tmp_path: Path) -> None:
    dataset = synthetic("abc", [0, 1, 0], groups=["p", "q", "p"], parts=[Part.TEST, Part.TRAIN, Part.TEST])
    save_split(dataset, tmp_path / "split.parquet")
    book = load_pinned(tmp_path / "split.parquet")
    assert book.parts_of(group_keys(["q", "p", "r"])).tolist() == [Part.TRAIN, Part.TEST, Part.UNASSIGNED]
    assert book.parts_of(content_of("cb")).tolist() == [Part.TEST, Part.TRAIN]


def test_contents_with_zeros_at_the_end_survive(tmp_path: Path) -> None:
    dataset = synthetic("ab", [0, 1], parts=[Part.TRAIN, Part.TEST])
    content = np.zeros((2, 16), np.uint8)
    content[1, 3] = 7
    save_split(replace(dataset, content=content), tmp_path / "split.parquet")
    assert load_pinned(tmp_path / "split.parquet").parts_of(content).tolist() == [Part.TRAIN, Part.TEST]


@given(st.dictionaries(st.integers(0, 50), st.sampled_from(PARTS), max_size=20), st.lists(st.integers(0, 60)))
def test_a_book_answers_as_a_dictionary_does(decided: dict[int, Part], asked: list[int]) -> None:
    keys = content_of(list(decided))
    parts = np.array(list(decided.values()), np.int8)
    book = SplitBook(content_keys(keys), parts, validation=0.2, test=0.2, data="")
    plain = {row.tobytes(): int(part) for row, part in zip(keys, parts, strict=True)}
    wanted = content_of(asked)
    assert look_up(book, wanted).tolist() == look_up(plain, wanted).tolist()
    assert look_up(book, wanted).tolist() == [decided.get(picture, Part.UNASSIGNED) for picture in asked]
    assert dict(book) == plain


def test_a_book_is_small(tmp_path: Path) -> None:
    dataset = synthetic(range(10_000), [0, 1] * 5000, parts=[Part.TRAIN, Part.TEST] * 5000)
    save_split(dataset, tmp_path / "split.parquet")
    assert (tmp_path / "split.parquet").stat().st_size / len(dataset) < 40


def test_files_that_are_no_split_are_errors(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is not a readable split"):
        load_pinned(tmp_path / "gone.parquet")
    (tmp_path / "text.parquet").write_text("hello")
    with pytest.raises(RunError, match="is not a readable split"):
        load_pinned(tmp_path / "text.parquet")
    pa.parquet.write_table(pa.table({"key": [b"x"]}), tmp_path / "other.parquet")
    with pytest.raises(RunError, match="is not a readable split"):
        load_pinned(tmp_path / "other.parquet")


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunError, match="could not be written"):
        save_split(synthetic("ab", [0, 1], parts=[0, 0]), tmp_path / "file" / "split.parquet")
