"""Entities as spans of characters -> tags of the words that they cover.

Entities are flat: of two that overlap, the longer stays. A span that ends inside a word covers the whole word, because
what is predicted of new texts is said of whole words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from headstart.core.errors import DataError
from headstart.core.ledger import Event
from headstart.core.tags import tags_of
from headstart.core.targets import Entities
from headstart.data.labels import natural_key
from headstart.data.words import words_of

SHOWN = 5
KEYS: dict[str, tuple[str, ...]] = {
    "start": ("start", "start_offset", "begin", "start_char"),
    "end": ("end", "end_offset", "stop", "end_char"),
    "label": ("label", "entity_group", "type", "entity", "tag", "class", "category"),
}
"""What start, end and label of a span are called in an object; a list holds them in this order."""
OWN_TEXT = ("text", "word")
"""What an object calls the characters that it means, where it says them, too."""
CUT = "an entity begins or ends inside a word: it covers the whole word"
BLANK = "an entity begins or ends with spaces, which are left out"
OVERLAP = "an entity overlaps with another one: only the longer is kept"
ELSEWHERE = "an entity's own text is not what stands at its place: its place counts"
WORDLESS = "an entity covers no word"
HINT = "`start` is the place of the first character, from 0, `end` the place behind the last."
MOST_CUT = 0.5
"""The share of entities that cut words from which on something else than characters was counted.
So it is of those that say their own text and have another one at their place."""


class Span(NamedTuple):
    """Characters `start` to `end`, not included, and what they are; `own` is their text as the span says it."""

    start: int
    end: int
    label: str
    own: str | None = None


@dataclass(frozen=True)
class Aligned:
    """The entities of N texts, with the labels that their tags number, and what was repaired or left out."""

    labels: tuple[str, ...]
    targets: list[Entities]
    events: list[Event]


def align(texts: Sequence[str], spans: Sequence[Sequence[Any]], names: Sequence[str], *, place: str) -> Aligned:
    """Tag the words of N texts. Raises `DataError` with all spans that are none, or lie outside of their texts."""
    problems: list[str] = []
    read = [
        _read(text, own, f"{name} of {place}", problems) for text, own, name in zip(texts, spans, names, strict=True)
    ]
    if problems:
        more = [f"So are {len(problems) - SHOWN} more spans of {place}."] if len(problems) > SHOWN else []
        raise DataError([*problems[:SHOWN], *more], hint=HINT)
    labels = tuple(sorted({span.label for own in read for span in own}, key=natural_key))
    numbers = {label: number for number, label in enumerate(labels)}
    events = _check_own(texts, read, names, place=place)
    targets = [_aligned(text, own, name, numbers, events) for text, own, name in zip(texts, read, names, strict=True)]
    count, cut = sum(map(len, read)), sum(reason == CUT for _, reason, _ in events)
    if cut > max(MOST_CUT * count, 1):
        raise DataError(
            f"{cut} of the {count} entities of {place} begin or end inside a word: their places are not those of "
            "characters, or `end` is the last character itself.",
            hint=HINT,
        )
    return Aligned(labels, targets, events)


def _read(text: str, own: Sequence[Any], name: str, problems: list[str]) -> list[Span]:
    found = []
    for given in own:
        span = _span(given)
        if span is None:
            problems.append(
                f"{name}: {str(given)[:80]} is no span: it has to have start and end, whole numbers, and a label."
            )
        elif not 0 <= span.start < span.end <= len(text):
            problems.append(
                f"{name}: '{span.label}' from {span.start} to {span.end} is not within the {len(text)} characters."
            )
        else:
            found.append(span)
    return found


def _span(given: Any) -> Span | None:
    if isinstance(given, Mapping):
        values = [next((given[key] for key in keys if key in given), None) for keys in KEYS.values()]
    elif isinstance(given, (list, tuple)) and len(given) >= len(KEYS):
        values = list(given[: len(KEYS)])
    else:
        return None
    start, end, label = values
    if start is None or end is None:
        return None
    if isinstance(label, list) and len(label) == 1:
        label = label[0]
    whole = all(isinstance(value, (int, np.integer)) and not isinstance(value, bool) for value in (start, end))
    if not whole or not isinstance(label, str) or not label.strip():
        return None
    said = [given.get(key) for key in OWN_TEXT] if isinstance(given, Mapping) else []
    return Span(int(start), int(end), label, next((text for text in said if isinstance(text, str)), None))


def _check_own(
    texts: Sequence[str], read: Sequence[Sequence[Span]], names: Sequence[str], *, place: str
) -> list[Event]:
    """Events for spans that say another text than stands at their place. Raises `DataError` where most do."""
    said = 0
    first = ""
    events: list[Event] = []
    for text, spans, name in zip(texts, read, names, strict=True):
        for span in spans:
            if span.own is None:
                continue
            said += 1
            there = text[span.start : span.end]
            if "".join(span.own.split()).casefold() != "".join(there.split()).casefold():
                first = first or f"'{span.own[:40]}' is said, and '{there[:40]}' stands there ({name})"
                events.append(("noted", ELSEWHERE, name))
    if len(events) > MOST_CUT * said:
        raise DataError(
            f"{len(events)} of the {said} entities of {place} that say their own text have another one at their place: "
            f"{first}. Their places are not those of characters.",
            hint=HINT,
        )
    return events


def _aligned(text: str, own: list[Span], name: str, numbers: Mapping[str, int], events: list[Event]) -> Entities:
    words = words_of(text)
    taken = np.zeros(len(words), np.bool_)
    found = []
    for span in sorted(own, key=lambda span: (span.start - span.end, span.start)):
        covered = text[span.start : span.end]
        start = span.start + len(covered) - len(covered.lstrip())
        end = span.end - (len(covered) - len(covered.rstrip()))
        first = int(np.searchsorted(words[:, 1], start, side="right"))
        stop = int(np.searchsorted(words[:, 0], end, side="left"))
        if first >= stop:
            events.append(("skipped", WORDLESS, name))
            continue
        if taken[first:stop].any():
            events.append(("skipped", OVERLAP, name))
            continue
        if words[first, 0] < start or words[stop - 1, 1] > end:
            events.append(("repaired", CUT, name))
        if (start, end) != span[:2]:
            events.append(("repaired", BLANK, name))
        taken[first:stop] = True
        found.append((first, stop, numbers[span.label]))
    return Entities(words, tags_of(np.array(found, np.int64), words=len(words)))
