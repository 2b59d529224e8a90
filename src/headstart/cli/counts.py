"""Numbers of weights and of bytes as people write them."""

from __future__ import annotations

import re

from headstart.core.errors import OptionError

COUNTS = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9}
BYTES = {"": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


def count(text: str, *, option: str) -> int:
    """`50M`, `1.5B`, `800k` or a plain number. Raises `OptionError` for anything else, and for nothing at all."""
    return _parse(text, COUNTS, f"{option} {text}: a number is what it takes, such as 800k, 50M or 1.5B.")


def byte_count(text: str, *, option: str) -> int:
    """`500MB`, `2GiB` or plain bytes. Raises `OptionError` for anything else, and for nothing at all."""
    return _parse(text, BYTES, f"{option} {text}: a size is what it takes, such as 500MB, 2GB or 2GiB.")


def _parse(text: str, units: dict[str, int], problem: str) -> int:
    found = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*)\s*", text.lower())
    value = round(float(found[1]) * units[found[2]]) if found and found[2] in units else 0
    if value < 1:
        raise OptionError(problem)
    return value
