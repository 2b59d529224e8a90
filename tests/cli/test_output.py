"""Standard output holds results and nothing else."""

from __future__ import annotations

import json
import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.cli import output
from headstart.cli.options import Common
from headstart.cli.output import _finite, reserve_standard_output, show

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_a_person_reads_the_text_and_a_program_the_json(capsys: pytest.CaptureFixture[str]) -> None:
    show({"name": "café \udcff"}, "in words", common=Common())
    assert capsys.readouterr().out == "in words\n"
    show({"name": "café \udcff"}, "in words", common=Common(json=True))
    written = capsys.readouterr().out
    assert written.isascii()
    assert json.loads(written) == {"name": "café \udcff"}


def test_what_a_library_prints_meanwhile_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with reserve_standard_output():
        print("chatter")
        show(1, "result", common=Common())
    print("after")
    captured = capsys.readouterr()
    assert captured.out == "result\nafter\n"
    assert captured.err == "chatter\n"
    assert output._reserved is None


@given(PLAIN)
def test_finite_values_stay_as_they_are(value: object) -> None:
    assert _finite(value) == value


def test_a_number_that_is_not_finite_becomes_null() -> None:
    value = {"a": [math.nan, 1.0, (math.inf, -math.inf)], "b": sys.float_info.max}
    assert _finite(value) == {"a": [None, 1.0, [None, None]], "b": sys.float_info.max}
