from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError
from headstart.data.part_files import NOT_USED, read_part_files
from headstart.data.reader import ReadOptions
from headstart.data.token_rows import token_dataset

ROWS = [{"tokens": ["a", "b"], "tags": ["B-X", "O"]}]


def read_one(path: Path) -> Dataset:
    if "bad" in path.read_text():
        raise DataError(f"{path.name} is bad.", hint="Make it good.")
    return token_dataset(ROWS, ReadOptions(), path=path)


def files(folder: Path, **content: str) -> dict[str, Path]:
    for word, text in content.items():
        (folder / word).write_text(text)
    return {word: folder / word for word in content}


def test_parts_are_joined_and_other_files_named(tmp_path: Path) -> None:
    found = files(tmp_path, test="", train="")
    (tmp_path / "notes.md").write_text("")
    dataset = read_part_files(tmp_path, found, read_one)
    assert dataset.given_parts == ("train", "test")
    assert [line.items for line in dataset.ledger.lines if line.reason == NOT_USED] == [("notes.md",)]
    assert len(read_part_files(tmp_path, {"": tmp_path / "test"}, read_one)) == 1


def test_all_problems_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_part_files(tmp_path, files(tmp_path, train="bad", test="bad"), read_one)
    assert caught.value.problems == ("train is bad.", "test is bad.")
    assert caught.value.hint == "Make it good."
    with pytest.raises(DataError, match="both stand for the validation part"):
        read_part_files(tmp_path, files(tmp_path, train="", dev="", val=""), read_one)
    with pytest.raises(DataError, match="holds no file that is called train"):
        read_part_files(tmp_path, {}, read_one)
