"""Files are written whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from headstart.core.errors import DataError, RunError
from headstart.core.files import remove_leftovers, replacing, write_atomically, write_lines_atomically


def test_folders_are_made_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.json"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
def test_the_mode_is_that_of_any_new_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "ours", b"")
    (tmp_path / "theirs").touch()
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == stat.S_IMODE((tmp_path / "theirs").stat().st_mode)


def test_a_failure_keeps_the_old_file_and_removes_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(RunError, match="could not be written: No space left on device") as caught:
        write_atomically(path, b"new")
    assert "Make room" in caught.value.hint
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="could not be written"):
        write_atomically(tmp_path / "file" / "inside", b"")


def test_lines_are_written_as_they_come(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    write_lines_atomically(path, (f"line {number} \u82b1" for number in range(3)))
    assert path.read_bytes().decode() == "line 0 \u82b1\nline 1 \u82b1\nline 2 \u82b1\n"


def test_what_utf_8_cannot_hold_is_an_escape(tmp_path: Path) -> None:
    write_lines_atomically(tmp_path / "lines", [os.fsdecode(b"photo-\xff.jpg")])
    assert (tmp_path / "lines").read_bytes() == b"photo-\\udcff.jpg\n"


@pytest.mark.parametrize("error", [DataError("unreadable"), KeyboardInterrupt(), OSError(5, "Input/output error")])
def test_an_error_of_what_makes_the_lines_is_passed_on_and_keeps_the_old_file(
    tmp_path: Path, error: BaseException
) -> None:
    path = tmp_path / "lines"
    write_lines_atomically(path, ["old"])

    def lines() -> Iterator[str]:
        yield "new"
        raise error

    with pytest.raises(type(error)) as raised:
        write_lines_atomically(path, lines())
    assert raised.value is error
    assert path.read_text() == "old\n"
    assert list(tmp_path.iterdir()) == [path]


def test_others_can_write_the_new_file_and_a_failure_keeps_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file"
    with replacing(path) as temporary:
        temporary.write_text("one")
        assert not path.exists()
    with pytest.raises(FileExistsError), replacing(path) as temporary:
        temporary.touch(exist_ok=False)
    assert path.read_text() == "one"
    assert list(path.parent.iterdir()) == [path]


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", b"one")
    (tmp_path / ".other").touch()
    (tmp_path / "headstart-notes").touch()
    killed = replacing(tmp_path / "file")
    assert killed.__enter__().exists()
    remove_leftovers(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"file", ".other", "headstart-notes"}
