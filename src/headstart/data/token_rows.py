"""Rows with `tokens` and `tags`, or with a `text` and spans of `entities` -> a data set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError, did_you_mean
from headstart.core.ledger import Event
from headstart.data.entity_spans import KEYS, align
from headstart.data.reader import ReadOptions
from headstart.data.sentences import NO_WORDS, Sentences, entity_dataset, tagged_dataset
from headstart.data.table_columns import Columns, recognised
from headstart.data.table_file import TableFile
from headstart.data.table_rows import Rows, with_columns
from headstart.data.tag_problems import check_tags
from headstart.data.text_columns import TextColumn
from headstart.data.text_table import NO_TEXT

Row = Mapping[str, Any]
WORDS = ("tokens", "words", "token", "word")
TAGS = ("tags", "ner_tags", "ner", "labels", "label", "tag", "bio_tags", "iob_tags")
SPANS = ("entities", "spans", "entity", "label", "labels", "annotations")
SHOWN = 5
HINT = "A row has tokens and tags of equal number, or a text and entities: [{'start': 0, 'end': 6, 'label': 'LOC'}]."


class Found(NamedTuple):
    """The columns that are read: of tokens and tags, or (`spans`) of texts and spans of characters."""

    content: str
    answer: str
    spans: bool


def columns_of(rows: Sequence[Row], options: ReadOptions) -> Found | None:
    """Which columns hold what, as the user says, else by their names and the kinds of values in them."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    by_name = {name.strip().casefold(): name for name in reversed(names)}

    def candidates(given: Any, aliases: Iterable[str]) -> list[str]:
        return [given] if isinstance(given, str) else [by_name[alias] for alias in aliases if alias in by_name]

    tokens = [name for name in candidates(options.text, WORDS) if _all(rows, name, _words)]
    tags = [name for name in candidates(options.label, TAGS) if name not in tokens and _all(rows, name, _words)]
    if tokens and tags:
        return Found(tokens[0], tags[0], spans=False)
    text = options.text or recognised("text", names)
    spans = [name for name in candidates(options.label, SPANS) if _all(rows, name, _spans)]
    # a list without anything in it could as well be one of labels
    spans = [name for name in spans if name.strip().casefold() in SPANS[:2] or any(row.get(name) for row in rows)]
    if text is not None and spans and _all(rows, text, lambda value: isinstance(value, str)):
        return Found(text, spans[0], spans=True)
    return None


def token_dataset(
    rows: Sequence[Row],
    options: ReadOptions,
    *,
    path: Path,
    classes: Mapping[str, Sequence[str]] | None = None,
    events: Iterable[Event] = (),
) -> Dataset:
    """The data set of all rows that have words; other columns give groups, domains and parts.

    `classes` leads from columns to what the numbers in them stand for. Raises `DataError` with all rows that do not
    fit.
    """
    if not rows:
        raise DataError(f"{path} has no rows.")
    names = list(dict.fromkeys(name for row in rows for name in row))
    asked = [name for name in (options.text, options.label, options.group, options.domain, options.split) if name]
    problems = [
        f"{path.name} has no column '{name}': it has {', '.join(names)}.{did_you_mean(str(name), names)}"
        for name in asked
        if name not in names
    ]
    found = None if problems else columns_of(rows, options)
    if found is None:
        raise DataError(
            problems or f"{path.name} has the columns {', '.join(names)}, without words and tags.", hint=HINT
        )
    made = _spanned if found.spans else _tagged
    known: list[Event] = list(events)
    dataset, kept = made(rows, found, path, (classes or {}).get(found.answer, ()), known)
    roles = {role: getattr(options, role) or recognised(role, names) for role in ("group", "domain", "split")}
    texts = {name: _strings(row.get(name) for row in rows) for name in roles.values() if name is not None}
    columns = Columns(
        found.content, (found.answer,), group=roles["group"], domain=roles["domain"], split=roles["split"]
    )
    known += [(line.action, line.reason, item) for line in dataset.ledger.lines for item in line.items]
    table = TableFile(path, texts)
    return with_columns(dataset, Rows(table, columns, np.array(kept, np.int64), options), known)


def _tagged(
    rows: Sequence[Row], found: Found, path: Path, classes: Sequence[str], events: list[Event]
) -> tuple[Dataset, list[int]]:
    sentences, kept = Sentences(), []
    problems: list[str] = []
    for number, row in enumerate(rows):
        name = f"row {number + 1}"
        words, tags = list(row.get(found.content) or ()), list(row.get(found.answer) or ())
        if len(words) != len(tags):
            problems.append(f"{name} of {path.name} has {len(words)} words and {len(tags)} tags.")
            continue
        named = [_name(tag, classes) for tag in tags]
        if any(tag is None for tag in named):
            wrong = next(tag for tag, is_name in zip(tags, named, strict=True) if is_name is None)
            problems.append(f"{name} of {path.name}: what tag {wrong!r} stands for is not known.")
            continue
        written = ["" if word is None else str(word) for word in words]
        pairs = [(word, str(tag)) for word, tag in zip(written, named, strict=True) if word.strip()]
        if len(pairs) < len(words):
            events.append(("skipped", "a word without characters", name))
        if not pairs:
            events.append(("skipped", NO_WORDS, name))
            continue
        sentences.add(name, *zip(*((_clean(word), tag) for word, tag in pairs), strict=True))
        kept.append(number)
    if problems:
        more = [f"So are {len(problems) - SHOWN} more rows of {path.name}."] if len(problems) > SHOWN else []
        raise DataError([*problems[:SHOWN], *more], hint=HINT)
    column = sentences.read()
    check_tags(sentences, column, place=path.name)
    if column.scheme != "IOB2":
        events.append(("converted", f"its tags are {column.scheme}, and read as IOB2", path.name))
    return tagged_dataset(sentences, column, source=str(path)), kept


def _spanned(
    rows: Sequence[Row], found: Found, path: Path, classes: Sequence[str], events: list[Event]
) -> tuple[Dataset, list[int]]:
    del classes
    texts = [_clean(row.get(found.content) or "") for row in rows]
    kept = [number for number, text in enumerate(texts) if text.strip()]
    events += [("skipped", NO_TEXT, f"row {number + 1}") for number, text in enumerate(texts) if not text.strip()]
    names = [f"row {number + 1}" for number in kept]
    spans = [list(rows[number].get(found.answer) or ()) for number in kept]
    aligned = align([texts[number] for number in kept], spans, names, place=path.name)
    inputs = TextColumn(pa.array([texts[number] for number in kept], pa.large_string()), rows=np.array(kept, np.int64))
    events += aligned.events
    return entity_dataset(inputs, aligned.targets, labels=aligned.labels, source=str(path)), kept


def _all(rows: Sequence[Row], name: str, fits: Any) -> bool:
    """Whether every value that is there fits, and there is one."""
    values = [row[name] for row in rows if row.get(name) is not None]
    return bool(values) and all(fits(value) for value in values)


def _words(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(word, (str, int, type(None))) for word in value)


def _spans(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(_span(entry) for entry in value)


def _span(entry: Any) -> bool:
    if isinstance(entry, Mapping):
        return any(key in entry for key in KEYS["start"]) or any(key in entry for key in KEYS["end"])
    return isinstance(entry, (list, tuple)) and len(entry) >= len(KEYS) and not isinstance(entry[0], (list, dict))


def _name(tag: Any, classes: Sequence[str]) -> str | None:
    """What a tag is called; numbers only where there are names for them."""
    if isinstance(tag, str):
        return tag.strip()
    return classes[tag] if isinstance(tag, int) and 0 <= tag < len(classes) else None


def _strings(values: Iterable[Any]) -> pa.Array:
    return pa.array([None if value in (None, "") else str(value) for value in values], pa.large_string())


def _clean(text: str) -> str:
    """Half a surrogate pair, which JSON can spell, is no character."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
