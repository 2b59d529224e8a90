"""Which libraries the sources of models need, and whether they are installed; none of them is imported."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from headstart.models import SOURCES

# Built-in sources that need no library of their own, or share another's.
LIBRARIES = {
    "timm": "timm",
    "hf": "transformers",
    "torchvision": "torchvision",
    "torchhub": "torch",
    "keras": "keras",
    "tfhub": "tensorflow",
    "starter": "timm",
}
# Libraries that the same name is imported from, but that are installed under another.
OTHER_NAMES = {"tensorflow": ("tensorflow-cpu", "tensorflow-macos")}


class Installed(NamedTuple):
    """A source of models, the library behind it (empty: none) and its version (empty: not installed)."""

    source: str
    library: str
    version: str


def installed() -> list[Installed]:
    """Every source, in the order in which ids are looked up; those of extensions without a library."""
    return [Installed(name, LIBRARIES.get(name, ""), _version(LIBRARIES.get(name, ""))) for name in SOURCES]


def _version(library: str) -> str:
    for name in (library, *OTHER_NAMES.get(library, ())) if library else ():
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return ""
