"""Names of models and data without the folders above them, which are the matter of one machine."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath


def local_name(text: str) -> str:
    """The last part of an absolute path, of this machine or another; any other text as it is."""
    for path in (PurePosixPath(text), PureWindowsPath(text)):
        if path.is_absolute():
            return path.name or "root"
    return text


def without_place(model: str) -> str:
    """The id of a model: `./NAME` for an absolute path, any other id as it is."""
    name = local_name(model)
    return model if name == model else f"./{name}"
