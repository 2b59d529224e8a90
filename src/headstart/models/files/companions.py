"""Files that travel beside the weights in the folder of a run, so that its networks can be built and fed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from headstart.core.errors import ModelError
from headstart.core.files import write_atomically
from headstart.models.files.weights import escapes
from headstart.models.texts.tokenizer import FILE

NAMES = (FILE, "words.json", "code.zip", "saved_model.zip")
"""The tokenizer of networks, the terms of a bag of words, the code that builds a network, and one of TensorFlow."""


def write_companions(files: Mapping[str, bytes], folder: Path) -> None:
    """Write what networks need beside their weights. Raises `ModelError` for a name that leads out of the folder."""
    outside = [
        f"A model's file would be called {name!r}, which leads out of its folder." for name in files if escapes(name)
    ]
    if outside:
        raise ModelError(outside)
    for name, content in files.items():
        write_atomically(folder / name, content)


def read_companions(folder: Path) -> dict[str, bytes]:
    """Those of the known files that are there; whether one is missing is for the network to say."""
    return {name: (folder / name).read_bytes() for name in NAMES if (folder / name).is_file()}
