"""Whether torch and torchvision were built for each other, told from their metadata before either is imported."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version

from headstart.core.errors import HeadstartError

_VERSION = re.compile(r"(?P<major>\d+)\.(?P<minor>\d+)[^+]*(?:\+(?P<build>.*))?")
# torchvision 0.15 came with torch 2.0, and each has gone up by one with the other since.
_DISTANCE = 15


class CompatibilityError(HeadstartError):
    """Installed packages do not work together."""


def check_torch_pair() -> None:
    """Raise `CompatibilityError`, with the command that helps, where torch and torchvision do not fit each other.

    It reads two version numbers and imports nothing, so every entry that is about to import torch can afford it.
    Without the check the import ends in `operator torchvision::nms does not exist`.
    """
    problem = mismatch(_installed("torch"), _installed("torchvision"))
    if problem:
        raise CompatibilityError(problem[0], hint=problem[1])


def mismatch(torch: str | None, torchvision: str | None) -> tuple[str, str] | None:
    """What is wrong with two versions and what to do about it, or None where they fit or nothing is known."""
    ours, theirs = _VERSION.match(torch or ""), _VERSION.match(torchvision or "")
    if ours is None or theirs is None or ours["major"] != "2" or theirs["major"] != "0":
        return None
    wanted = int(ours["minor"]) + _DISTANCE
    hint = f"Run: pip install --force-reinstall 'torch==2.{ours['minor']}.*' 'torchvision==0.{wanted}.*'"
    if int(theirs["minor"]) != wanted:
        return f"torch {torch} and torchvision {torchvision} do not work together.", hint
    if ("cpu" in (ours["build"] or "")) != ("cpu" in (theirs["build"] or "")):
        return f"torch {torch} and torchvision {torchvision} are builds for different hardware.", hint
    return None


def import_problem() -> str | None:
    """Import torchvision and say what goes wrong, or None. For `headstart doctor`: the metadata cannot know it all."""
    try:
        import torchvision

        torchvision.ops.nms  # noqa: B018 - the operator whose absence gives a mismatched pair away
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        found = mismatch(_installed("torch"), _installed("torchvision"))
        advice = found[1] if found else "Run: pip install --force-reinstall torch torchvision"
        return f"torchvision cannot be imported ({type(error).__name__}: {error}). {advice}"
    return None


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
