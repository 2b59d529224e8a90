from __future__ import annotations

import pytest

from headstart.cli.durations import seconds
from headstart.core.errors import OptionError


@pytest.mark.parametrize(
    ("text", "length"), [("90s", 90), ("5m", 300), ("1h", 3600), ("1.5H", 5400), ("300", 300), (" 2 m ", 120)]
)
def test_lengths_of_time(text: str, length: float) -> None:
    assert seconds(text, option="--budget") == length


@pytest.mark.parametrize("text", ["", "soon", "5 days", "-3m", "0", "0s", "1e3", "nan", "5ms"])
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(OptionError, match="such as 90s, 5m, 1h"):
        seconds(text, option="--budget")
