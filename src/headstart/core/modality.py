"""What an item is: a picture, or a text. Everything that depends on it is looked up by this word."""

from __future__ import annotations

from typing import Literal

Modality = Literal["image", "text"]

NOUNS: dict[str, tuple[str, str]] = {"image": ("picture", "pictures"), "text": ("text", "texts")}
"""What people call one item, and several."""


def noun(modality: str) -> str:
    """What people call one item."""
    return NOUNS[modality][0]


def nouns(modality: str) -> str:
    """What people call several items."""
    return NOUNS[modality][1]


def counted(count: int, modality: str) -> str:
    """`1 picture`, `3 texts`."""
    return f"{count} {NOUNS[modality][count != 1]}"


def modality_of(task: str) -> Modality:
    """What the items of a task are, by the first word of its name; pictures where it names neither."""
    return "text" if task.partition("-")[0] in ("text", "token") else "image"
