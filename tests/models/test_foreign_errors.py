"""Errors of other libraries, put into a sentence."""

from __future__ import annotations

import pytest

from headstart.models.foreign_errors import in_short


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("two\n  lines."), "ValueError: two lines"),
        (KeyError(), "KeyError"),
        (TypeError("\x1b[1mbold\x1b[0m words"), "TypeError: bold words"),
        (RuntimeError("x" * 1000), f"RuntimeError: {'x' * 400}"),
    ],
)
def test_an_error_is_one_line_of_bounded_length(error: Exception, said: str) -> None:
    assert in_short(error) == said
