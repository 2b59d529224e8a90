"""Cards of models that lie on this machine, kept with what their files look like from outside.

To know a network's size and what it is fed, its library has to lay it out, which takes seconds where the library is not
imported yet. Until a file of the model or a library changes, the answer is the same.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from headstart import __version__
from headstart.core.card import ModelCard
from headstart.core.errors import RunError
from headstart.core.runtime import cache_folder
from headstart.models import card, resolve
from headstart.models.identifiers import FOLDER

LIBRARIES = ("torch", "timm", "transformers", "torchvision", "keras", "tensorflow")
FORMAT = 2
"""Raise where cards get other facts from the same files."""


def remembered(model: str) -> ModelCard:
    """The card of a model, as `models.card` gives it; of one in a folder, what is kept while its files are the same.

    Raises `ModelError` as that does; nothing is kept of a failure.
    """
    _, rest = resolve(model)
    if not rest.startswith(FOLDER) or not Path(rest.removeprefix(FOLDER)).expanduser().is_dir():
        return card(model)  # of one file, or of a part of a folder, whether it is the same is not seen from outside
    path = cache_folder() / "cards" / f"{_key(model, Path(rest.removeprefix(FOLDER)).expanduser())}.json"
    with suppress(RunError):  # not there, or not to be read: it is looked up as if nothing had been kept
        return ModelCard.read(path)
    found = card(model)
    with suppress(RunError):  # a cache that cannot be written is only slower
        found.write(path)
    return found


def _key(model: str, folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    stamps = [(str(path), (stat := path.stat()).st_size, stat.st_mtime_ns) for path in files]
    parts = [FORMAT, __version__, [_version(name) for name in LIBRARIES], model, str(folder.absolute()), stamps]
    return hashlib.sha256(json.dumps(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
