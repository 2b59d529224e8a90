"""Large numbers as people read and write them."""

from __future__ import annotations

import re

from headstart.core.errors import OptionError

FACTORS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "B": 10**9}


def size(count: int) -> str:
    """Decimal units, as disks are sold: `12.3 MB`."""
    for factor, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} bytes"


def count(text: str, *, option: str) -> int:
    """`50M`, `1.5B`, `500MB` or a plain number. Raises `OptionError` for anything else, and for zero."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([KMGB]?)B?\s*", text.upper())
    number = round(float(found[1]) * FACTORS[found[2]]) if found else 0
    if number <= 0:
        raise OptionError(f"{option} {text}: a number is what it takes, such as 50M, 1.5G or 250000.")
    return number
