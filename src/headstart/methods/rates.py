"""Rates that were given by hand, in place of those of a method's rules."""

from __future__ import annotations

from collections.abc import Sequence

from headstart.core.strategy import Rule


def apart(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules with one that is for everything told apart by head and body; where the head has its own, it is left."""
    found: list[Rule] = []
    for rule in rules:
        if rule.pattern == "*" and not any(_of_head(earlier) for earlier in found):
            found += [rule.model_copy(update={"pattern": part}) for part in ("head.*", "backbone.*")]
        else:
            found.append(rule)
    return tuple(found)


def with_rates(rules: Sequence[Rule], *, head: float | None, body: float | None) -> tuple[Rule, ...]:
    """The rules with these rates; what is frozen stays so.

    A rate for the head alone also moves a body that was to learn at the same rate; one for the body leaves the head's.
    """
    uniform = len({rule.learning_rate for rule in rules}) == 1

    def rate(rule: Rule) -> float | None:
        if rule.learning_rate is None:
            return None
        if _of_head(rule):
            return head or rule.learning_rate
        return body or (head if uniform else None) or rule.learning_rate

    split = tuple(rules) if body is None else apart(rules)
    return tuple(rule.model_copy(update={"learning_rate": rate(rule)}) for rule in split)


def _of_head(rule: Rule) -> bool:
    return rule.pattern.startswith("head.")
