"""What the name of a file or folder says, before anything is opened."""

from __future__ import annotations

import os

IMAGE_SUFFIXES = frozenset(
    {".apng", ".avif", ".bmp", ".dib", ".gif", ".heic", ".heif", ".ico", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg"}
    | {".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tga", ".tif", ".tiff", ".webp"}
)
TEXT_SUFFIXES = frozenset({".txt", ".text"})
SYSTEM_NAMES = frozenset({"__macosx", "thumbs.db", "desktop.ini", "@eadir", "$recycle.bin"})


def is_picture(name: str) -> bool:
    """Whether the suffix is one of a picture format, in upper or lower case."""
    return name[name.rfind(".") :].lower() in IMAGE_SUFFIXES


def is_text(name: str) -> bool:
    """Whether the suffix is one of a plain text, in upper or lower case."""
    return name[name.rfind(".") :].lower() in TEXT_SUFFIXES


def ignored(name: str) -> str:
    """Why a file or folder of this name is never looked at; empty for ordinary ones."""
    if name == ".ipynb_checkpoints":
        return "copies that a notebook made"
    if name.lower() in SYSTEM_NAMES:
        return "made by the operating system"
    return "hidden" if name.startswith(".") else ""


def under(shown: str, name: str) -> str:
    """The path of a name in a folder, with forward slashes on every system."""
    return f"{shown}/{name}" if shown else name


def printable(path: str) -> str:
    """The path as it can be shown and stored: bytes that are not valid Unicode are spelt out."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
