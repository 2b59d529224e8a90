from __future__ import annotations

import os

import pytest

from headstart.data.file_names import ignored, is_picture, printable, under


@pytest.mark.parametrize("name", ["a.jpg", "A.JPG", "b.Jpeg", "c.tar.png", "ü.webp", "x.avif", "y.heic"])
def test_pictures(name: str) -> None:
    assert is_picture(name)


@pytest.mark.parametrize("name", ["a.txt", "jpg", "a.jpg.txt", "noext", "a.", ""])
def test_no_pictures(name: str) -> None:
    assert not is_picture(name)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (".hidden", "hidden"),
        (".ipynb_checkpoints", "copies that a notebook made"),
        ("__MACOSX", "made by the operating system"),
        ("Thumbs.db", "made by the operating system"),
        ("rose", ""),
    ],
)
def test_ignored_names_say_why(name: str, why: str) -> None:
    assert ignored(name) == why


def test_every_path_can_be_shown() -> None:
    assert printable("ü/日本.jpg") == "ü/日本.jpg"
    assert printable(os.fsdecode(b"caf\xe9.jpg")).encode() == b"caf\\xe9.jpg"


def test_paths_have_forward_slashes() -> None:
    assert under("", "a") == "a"
    assert under("a/b", "c") == "a/b/c"
