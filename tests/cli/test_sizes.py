"""Numbers of bytes as people read them."""

from __future__ import annotations

import pytest

from headstart.cli.sizes import size


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (12_340_000, "12.3 MB"), (2 * 10**12, "2000.0 GB")],
)
def test_the_largest_unit_that_fits_is_used(count: int, text: str) -> None:
    assert size(count) == text
