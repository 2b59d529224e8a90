"""Rates by hand: the head's and the body's each reach their part, and nothing that is frozen."""

from __future__ import annotations

import pytest

from headstart.core.strategy import Rule
from headstart.methods.rates import apart, with_rates

EVERYTHING = (Rule(pattern="*", learning_rate=3e-4),)
FRESH_HEAD = (Rule(pattern="head.*", learning_rate=3e-3), Rule(pattern="*", learning_rate=3e-4))
FROZEN = (Rule(pattern="head.*", learning_rate=3e-4), Rule(pattern="backbone.*"))


@pytest.mark.parametrize(
    ("rules", "head", "body", "expected"),
    [
        (EVERYTHING, None, None, {"*": 3e-4}),
        (EVERYTHING, 1e-2, None, {"*": 1e-2}),
        (EVERYTHING, 1e-2, 1e-5, {"head.*": 1e-2, "backbone.*": 1e-5}),
        (EVERYTHING, None, 1e-5, {"head.*": 3e-4, "backbone.*": 1e-5}),
        (FRESH_HEAD, 1e-2, None, {"head.*": 1e-2, "*": 3e-4}),
        (FRESH_HEAD, 1e-2, 1e-5, {"head.*": 1e-2, "*": 1e-5}),
        (FRESH_HEAD, None, 1e-5, {"head.*": 3e-3, "*": 1e-5}),
        (FROZEN, 1e-2, 1e-5, {"head.*": 1e-2, "backbone.*": None}),
    ],
)
def test_a_rate_reaches_its_part_and_no_other(
    rules: tuple[Rule, ...], head: float | None, body: float | None, expected: dict[str, float | None]
) -> None:
    found = with_rates(rules, head=head, body=body)
    assert {rule.pattern: rule.learning_rate for rule in found} == expected
    assert len(found) == len(expected)


def test_what_else_a_rule_says_is_kept_where_it_is_split() -> None:
    rules = (Rule(pattern="*", learning_rate=0.1, only="normalisation"), Rule(pattern="backbone.*"))
    assert [(rule.pattern, rule.only) for rule in apart(rules)] == [
        ("head.*", "normalisation"),
        ("backbone.*", "normalisation"),
        ("backbone.*", "all"),
    ]
