"""What happened to single items: every skipped, repaired, converted, truncated or substituted one, with its reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Self

from headstart.core.record import Record

Action = Literal["skipped", "repaired", "converted", "truncated", "substituted", "noted"]
Event = tuple[Action, str, str]
"""What happened to one item: `(action, reason, item)`."""


class LedgerLine(Record):
    """All `items` (names as the user knows them: relative paths, or `row 12`) that met one fate for one reason."""

    action: Action
    reason: str
    items: tuple[str, ...]

    def __str__(self) -> str:
        shown = ", ".join(self.items[:3]) + (f" and {len(self.items) - 3} more" if len(self.items) > 3 else "")
        return f"{self.action} {len(self.items)}: {self.reason} ({shown})"


class Ledger(Record):
    """Lines grouped by action and reason, so that a million like conversions are one line with a million names."""

    lines: tuple[LedgerLine, ...] = ()

    @classmethod
    def of(cls, events: Iterable[Event]) -> Self:
        """Group `(action, reason, item)` events, in the order in which each reason first came up."""
        grouped: dict[tuple[Action, str], list[str]] = {}
        for action, reason, item in events:
            grouped.setdefault((action, reason), []).append(item)
        return cls(lines=tuple(LedgerLine(action=a, reason=r, items=tuple(i)) for (a, r), i in grouped.items()))

    def __add__(self, other: Ledger) -> Ledger:
        both = [(line.action, line.reason, item) for line in (*self.lines, *other.lines) for item in line.items]
        return Ledger.of(both)

    def count(self, action: Action) -> int:
        """The number of items that met this fate."""
        return sum(len(line.items) for line in self.lines if line.action == action)
