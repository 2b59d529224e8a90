"""What is installed of what Headstart needs, read from the packages' own metadata: nothing is imported."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata, requires, version

from headstart import __version__

_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)[^;]*(?:;.*\bextra\s*==\s*['\"](?P<extra>[^'\"]+)['\"])?")


def requirements(extra: str = "") -> dict[str, str | None]:
    """The installed version, or None, of every package that Headstart, or one of its extras, names.

    Raises `PackageNotFoundError` where Headstart itself is run from source without being installed.
    """
    found = {}
    for line in requires("headstart") or []:
        match = _REQUIREMENT.match(line)
        if match and (match["extra"] or "") == extra:
            found[match["name"]] = _version(match["name"])
    return found


def extras() -> dict[str, bool]:
    """Whether all of an extra's packages are there, for every extra that Headstart offers."""
    offered = metadata("headstart").get_all("Provides-Extra") or []
    return {name: None not in requirements(name).values() for name in offered}


def versions() -> dict[str, str]:
    """The versions of Headstart and of torch, which decide how weights come out of the same data and settings."""
    return {"headstart": __version__, "torch": _version("torch") or ""}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
