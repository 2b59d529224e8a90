"""Lengths of time as people write them."""

from __future__ import annotations

import re

from headstart.core.errors import OptionError

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


def seconds(text: str, *, option: str) -> float:
    """`90s`, `5m`, `1.5h` or plain seconds. Raises `OptionError` for anything else, and for no time at all."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([smh]?)\s*", text.lower())
    length = float(found[1]) * UNITS[found[2]] if found else 0.0
    if length <= 0:
        raise OptionError(f"{option} {text}: a length of time is what it takes, such as 90s, 5m, 1h or 300.")
    return length
