"""What the system refuses, a full disk or a name that is too long: no bug, but an error with a next step."""

from __future__ import annotations

import errno
import os

from headstart.core.errors import RunError

_STEPS = {
    "ENOSPC": "Make room on that disk, or give a folder on another one.",
    "EDQUOT": "Your share of that disk is used up: make room, or give a folder on another disk.",
    "EFBIG": "Files may not be that large there: give a folder on another disk, or raise the limit (ulimit -f).",
    "EACCES": "Change its permissions, or give a folder that you may use.",
    "EPERM": "Change its permissions, or give a folder that you may use.",
    "EROFS": "That disk can only be read: give a folder on another one.",
    "ENAMETOOLONG": "Give a shorter name.",
    "ENOTDIR": "Part of that path is a file and no folder: give another one.",
    "EISDIR": "There is a folder of that name: give another name.",
}
STEPS = {getattr(errno, name): step for name, step in _STEPS.items() if hasattr(errno, name)}
"""What to do next, by the number of the system's error; not every system knows all of them."""


def next_step(error: OSError) -> str:
    """What to do where the system refuses; empty for other failures."""
    return STEPS.get(error.errno or 0, "")


def refusal(error: OSError) -> RunError | None:
    """The error for a person, where the system refused something; None where it is another failure."""
    step = next_step(error)
    if not step:
        return None
    words = error.strerror or os.strerror(error.errno or 0)
    name = error.filename2 or error.filename
    if name is None or isinstance(name, int):
        return RunError(f"The system refused to read or write a file: {words}.", hint=step)
    return RunError(f"{os.fsdecode(name)} cannot be used: {words}.", hint=step)
