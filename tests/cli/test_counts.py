"""Numbers of weights and bytes, as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.cli.counts import byte_count, count
from headstart.core.errors import OptionError


@pytest.mark.parametrize(
    ("text", "expected"), [("50M", 50_000_000), ("1.5B", 1_500_000_000), ("800 k", 800_000), ("7", 7), (".5m", 500_000)]
)
def test_counts(text: str, expected: int) -> None:
    assert count(text, option="--max-params") == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("500MB", 500_000_000), ("2GiB", 2 * 2**30), ("1.5 gb", 1_500_000_000), ("4096", 4096)]
)
def test_bytes(text: str, expected: int) -> None:
    assert byte_count(text, option="--max-memory") == expected


@pytest.mark.parametrize("text", ["", "M", "0", "0.1", "-5M", "5 apples", "5T", "nan", "1e9"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(OptionError, match="--max-params"):
        count(text, option="--max-params")
    with pytest.raises(OptionError, match="--max-memory"):
        byte_count(text, option="--max-memory")


@given(st.integers(1, 10**12))
def test_a_plain_number_is_itself(number: int) -> None:
    assert count(str(number), option="-") == byte_count(str(number), option="-") == number
