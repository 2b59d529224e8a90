"""An error of another library in the few words that a sentence has room for."""

from __future__ import annotations

MOST_CHARACTERS = 400


def in_short(error: Exception) -> str:
    """The kind of error and the beginning of its text, on one line and without a full stop."""
    text = " ".join(str(error).split()).rstrip(".")
    return f"{type(error).__name__}: {text[:MOST_CHARACTERS]}" if text else type(error).__name__
