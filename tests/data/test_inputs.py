"""What a person may hand over to be predicted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from headstart.core.errors import DataError
from headstart.data.inputs import input_column
from tests.data.pictures import write_pictures


def shown(inputs: object) -> list[str]:
    column, _ = input_column(inputs)
    return [column.name(index) for index in range(len(column))]


def test_files_and_folders_keep_their_order(tmp_path: Path) -> None:
    write_pictures(tmp_path, "b/2.png", "b/1.png", "a.png")
    assert shown([tmp_path / "b", tmp_path / "a.png"]) == [
        str(tmp_path / name) for name in ("b/1.png", "b/2.png", "a.png")
    ]
    assert shown(str(tmp_path / "a.png")) == [str(tmp_path / "a.png")]


def test_what_is_passed_over_in_a_folder_is_said(tmp_path: Path) -> None:
    write_pictures(tmp_path, "a.png")
    (tmp_path / "notes.txt").write_text("no picture")
    _, events = input_column(tmp_path)
    assert [name for _, _, name in events] == ["notes.txt"]


def test_arrays_and_pictures() -> None:
    assert len(input_column(np.zeros((3, 4, 4, 3), np.uint8))[0]) == 3
    assert len(input_column(np.zeros((4, 4, 3), np.uint8))[0]) == 1
    assert len(input_column([Image.new("L", (4, 4)), np.zeros((4, 4), np.uint8)])[0]) == 2


@pytest.mark.parametrize("inputs", [["nothing.png", "neither.png"], [], ["a.png", np.zeros((4, 4))]])
def test_mistakes_are_named(inputs: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as caught:
        input_column(inputs)
    assert len(caught.value.problems) == (2 if inputs[:1] == ["nothing.png"] else 1)


def test_a_folder_without_pictures_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No picture found"):
        input_column(tmp_path)
