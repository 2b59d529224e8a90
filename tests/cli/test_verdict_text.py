"""A verdict as text."""

from __future__ import annotations

import pytest

from headstart.cli.verdict_text import points, verdict_text
from tests.comparing.verdicts import verdict_of


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_sentence_comes_first_and_every_line_fits(width: int) -> None:
    verdict = verdict_of(shares=(0.125, 0.25, 0.5))
    text = verdict_text(verdict, width=width)
    assert " ".join(text.partition("\n\n")[0].split()) == verdict.sentence
    assert max(map(len, text.splitlines())) <= width


def test_the_arms_are_a_table_with_what_they_cost() -> None:
    verdict = verdict_of()
    lines = verdict_text(verdict, width=100).splitlines()
    row = next(line for line in lines if line.startswith("scratch ")).split()
    scratch = verdict.arm("scratch")
    assert row[1] == f"{100 * scratch.mean:.1f}"
    assert row[2] == f"{100 * scratch.low:.1f}-{100 * scratch.high:.1f}"
    assert row[3:] == ["10.0", "400", "10"]


def test_what_is_saved_is_said_where_something_is() -> None:
    text = verdict_text(verdict_of(shares=(0.125, 0.25, 0.5)), width=120)
    assert "as good as scratch ever got after 2.0 s, in place of 8.0 s" in text
    assert "Labels: " in text
    assert "Twice the labels (80)" in text
    none = verdict_text(verdict_of({"transfer": 0.3, "linear-probe": 0.2, "scratch": 0.8}), width=120)
    assert "What that saves" not in none


def test_other_comparisons_and_the_basis_are_listed() -> None:
    verdict = verdict_of()
    text = verdict_text(verdict, width=120)
    assert f"transfer against scratch: {points(verdict.gain)}, at a margin of 1; 5 repeats" in text
    for each in verdict.comparisons:
        assert f"{each.of} against {each.over}: " in text
    assert "better." in text
