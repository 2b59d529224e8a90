"""Numbers of bytes as people read them."""

from __future__ import annotations


def size(count: int) -> str:
    """Decimal units, as disks are sold: `12.3 MB`."""
    for factor, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} bytes"
