"""What happened to single items, grouped."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from headstart.core.ledger import Action, Ledger, LedgerLine

ACTIONS: list[Action] = ["skipped", "repaired", "converted", "noted"]
EVENTS = st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from(["empty", "grey"]), st.text(max_size=3)))


@given(EVENTS)
def test_every_event_is_kept_once_under_its_action_and_reason(events: list[tuple[Action, str, str]]) -> None:
    ledger = Ledger.of(events)
    kept = [(line.action, line.reason, item) for line in ledger.lines for item in line.items]
    assert Counter(kept) == Counter(events)
    assert len({(line.action, line.reason) for line in ledger.lines}) == len(ledger.lines)
    assert sum(ledger.count(action) for action in ACTIONS) == len(events)


@given(EVENTS, EVENTS)
def test_a_sum_is_the_ledger_of_all_events(
    one: list[tuple[Action, str, str]], other: list[tuple[Action, str, str]]
) -> None:
    assert Ledger.of(one) + Ledger.of(other) == Ledger.of([*one, *other])


def test_a_line_shows_three_items_and_counts_the_rest() -> None:
    line = LedgerLine(action="skipped", reason="empty file", items=("a", "b", "c", "d", "e"))
    assert str(line) == "skipped 5: empty file (a, b, c and 2 more)"
    assert str(LedgerLine(action="noted", reason="grey", items=("a",))) == "noted 1: grey (a)"
