"""Which libraries the sources of models need, and whether they are installed; none of them is imported."""

from __future__ import annotations

from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from headstart.core.installation import extras, requirements
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
DEVELOPERS = "dev"
"""The extra that holds others, for the tests: nobody needs it to use a model."""
# Libraries that the same name is imported from, but that are installed under another.
OTHER_NAMES = {"tensorflow": ("tensorflow-cpu", "tensorflow-macos")}


class Installed(NamedTuple):
    """A source of models, the library behind it (empty: none), its version and what installs it where it is missing.

    `version` is empty where the library is not installed, `install` where it is, or nothing is needed.
    """

    source: str
    library: str
    version: str
    install: str = ""


def installed() -> list[Installed]:
    """Every source, in the order in which ids are looked up; those of extensions without a library."""
    return [_entry(name, LIBRARIES.get(name, "")) for name in SOURCES]


def _entry(source: str, library: str) -> Installed:
    found = _version(library)
    return Installed(source, library, found, _command(library) if library and not found else "")


def _command(library: str) -> str:
    """What installs a library: the extra of Headstart that names it, else its own name."""
    with suppress(PackageNotFoundError):  # run from source without being installed
        for extra in extras():
            if extra != DEVELOPERS and library in requirements(extra):
                return f"pip install 'headstart[{extra}]'"
    return f"pip install {library}"


def _version(library: str) -> str:
    for name in (library, *OTHER_NAMES.get(library, ())) if library else ():
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return ""
