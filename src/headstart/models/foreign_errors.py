"""An error of another library in the few words that a sentence has room for."""

from __future__ import annotations

import re

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
MOST_CHARACTERS = 400


def in_short(error: Exception) -> str:
    """The kind of error and the beginning of its text, on one line, without colours and a full stop."""
    text = " ".join(COLOURS.sub("", str(error)).split()).rstrip(".")
    return f"{type(error).__name__}: {text[:MOST_CHARACTERS]}" if text else type(error).__name__
