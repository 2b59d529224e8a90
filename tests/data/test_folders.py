from __future__ import annotations

import os
from pathlib import Path

import pytest

from headstart.core.ledger import Event
from headstart.data.folders import LOOP, list_folder, walk_pictures
from tests.data.pictures import write_pictures


def walked(root: Path, shown: str) -> tuple[list[str], list[Event]]:
    events: list[Event] = []
    return list(walk_pictures(root, shown, events=events)), events


def test_everything_in_a_folder_is_accounted_for(tmp_path: Path) -> None:
    write_pictures(tmp_path, "b.jpg", "A.PNG", "sub/x.jpg")
    for name in (".hidden.jpg", "Thumbs.db", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / "broken.jpg").symlink_to(tmp_path / "nowhere")
    listing = list_folder(tmp_path, shown="root")
    assert listing.folders == ["sub"]
    assert listing.pictures == ["A.PNG", "b.jpg"]
    assert listing.files == ["notes.txt"]
    assert [(reason, item) for _, reason, item in listing.events] == [
        ("a link that leads nowhere, or no ordinary file", "root/broken.jpg"),
        ("copies that a notebook made", "root/.ipynb_checkpoints"),
        ("hidden", "root/.hidden.jpg"),
        ("made by the operating system", "root/Thumbs.db"),
    ]


def test_a_folder_that_cannot_be_opened_is_an_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: object) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(os, "scandir", refuse)
    assert list_folder(tmp_path, shown="secret").events == [
        ("skipped", "cannot be opened: Permission denied", "secret")
    ]


def test_pictures_are_walked_in_a_fixed_order(tmp_path: Path) -> None:
    write_pictures(tmp_path, "rose/z.jpg", "rose/b/2.jpg", "rose/a/1.jpg", "rose/a/deep/0.jpg", "tulip/t.jpg")
    (tmp_path / "rose" / "a" / "notes.txt").write_text("x")
    found, events = walked(tmp_path, "rose")
    assert found == ["rose/z.jpg", "rose/a/1.jpg", "rose/a/deep/0.jpg", "rose/b/2.jpg"]
    assert [item for _, _, item in events] == ["rose/a/notes.txt"]


@pytest.mark.parametrize("target", [".", "a", "a/b"])
def test_a_link_to_a_folder_above_is_not_followed(tmp_path: Path, target: str) -> None:
    write_pictures(tmp_path, "a/b/x.jpg")
    (tmp_path / "a" / "b" / "again").symlink_to(tmp_path / target, target_is_directory=True)
    assert walked(tmp_path, "a") == (["a/b/x.jpg"], [("skipped", LOOP, "a/b/again")])


def test_a_link_at_the_top_to_the_root_is_not_followed(tmp_path: Path) -> None:
    write_pictures(tmp_path, "a/x.jpg")
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    assert walked(tmp_path, "again") == ([], [("skipped", LOOP, "again")])


def test_two_links_to_each_other_do_not_go_in_circles(tmp_path: Path) -> None:
    write_pictures(tmp_path, "a/x.jpg", "b/y.jpg")
    (tmp_path / "a" / "to_b").symlink_to(tmp_path / "b", target_is_directory=True)
    (tmp_path / "b" / "to_a").symlink_to(tmp_path / "a", target_is_directory=True)
    found, events = walked(tmp_path, "a")
    assert found == ["a/x.jpg", "a/to_b/y.jpg"]
    assert events == [("skipped", LOOP, "a/to_b/to_a")]


def test_a_link_to_itself_is_an_event(tmp_path: Path) -> None:
    write_pictures(tmp_path, "a/x.jpg")
    (tmp_path / "a" / "self").symlink_to(tmp_path / "a" / "self")
    found, events = walked(tmp_path, "a")
    assert found == ["a/x.jpg"]
    assert [item for _, _, item in events] == ["a/self"]


def test_an_ordinary_link_is_followed(tmp_path: Path) -> None:
    write_pictures(tmp_path, "elsewhere/x.jpg")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "rose").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert walked(tmp_path / "root", "rose") == (["rose/x.jpg"], [])
