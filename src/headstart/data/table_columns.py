"""Which column of a table holds what: as the user says, else by the names that people commonly use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headstart.core.errors import DataError, did_you_mean
from headstart.core.ledger import Event
from headstart.core.modality import nouns
from headstart.data.reader import ReadOptions

ALIASES: dict[str, tuple[str, ...]] = {
    "image": ("image", "path", "file_name", "filename", "image_path", "filepath", "file"),
    "text": ("text", "sentence", "review", "content", "document", "comment", "tweet", "sentence1", "text1", "premise"),
    "text_pair": ("text_pair", "sentence2", "text2", "hypothesis"),
    "label": ("label", "class", "target", "category", "labels"),
    "group": ("group", "patient", "source", "group_id", "patient_id"),
    "domain": ("domain",),
    "split": ("split",),
}


ROLES: dict[str, tuple[str, ...]] = {"image": ("image",), "text": ("text", "text_pair")}
"""What the columns of the inputs are called in `ReadOptions`, by what the inputs are."""


@dataclass(frozen=True)
class Columns:
    """Column names by what they hold; None where a table has no such column. `input` holds pictures or texts.

    `label` has several names where each of these columns holds 0 and 1 for one label, none where none was recognised.
    """

    input: str
    label: tuple[str, ...]
    pair: str | None = None
    group: str | None = None
    domain: str | None = None
    split: str | None = None
    events: tuple[Event, ...] = ()

    def others(self, names: Sequence[str]) -> list[str]:
        """The names that hold none of these."""
        used = {self.input, self.pair, *self.label, self.group, self.domain, self.split}
        return [name for name in names if name not in used]


def find_columns(names: Sequence[str], options: ReadOptions, *, place: str, modality: str = "image") -> Columns:
    """Find the columns of a table among its `names`. Raises `DataError` for each one that is asked for or needed.

    `modality` says whether the table names pictures or holds texts.
    """
    problems: list[str] = []
    events: list[Event] = []
    found = {
        role: _find(role, names, getattr(options, role), place=place, problems=problems, events=events)
        for role in (*ROLES[modality], "group", "domain", "split")
    }
    labels = _labels(names, options, place=place, problems=problems, events=events)
    inputs = found[modality]
    if inputs is None and not problems:
        kinds = [modality] if modality == "text" or recognised("text", names) else ["image", "text"]
        missing = " or ".join(map(nouns, kinds))
        problems.append(f"{place} has no column of {missing}: it has {', '.join(names) or 'none'}.")
        raise DataError(problems, hint=_how_to_name(modality))
    if problems or inputs is None:
        raise DataError(problems, hint=f"Name the column, or call it one of: {', '.join(ALIASES[modality])}.")
    others = {name: found[name] for name in ("group", "domain", "split")}
    return Columns(inputs, labels, found.get("text_pair"), **others, events=tuple(events))


def _how_to_name(modality: str) -> str:
    """What to do about a table without a column of inputs; one that is read for pictures may be meant for texts."""
    kinds = ("image", "text") if modality == "image" else (modality,)
    ways = [
        f"that of {nouns(kind)} (`--{kind}-column`), or call it one of: {', '.join(ALIASES[kind])}" for kind in kinds
    ]
    return f"Name the column: {'; or '.join(ways)}."


def recognised(role: str, names: Sequence[str]) -> str | None:
    """The column whose name is one of the role's aliases, whatever its case; the earliest alias wins."""
    by_name = {name.strip().casefold(): name for name in reversed(names)}
    return next((by_name[alias] for alias in ALIASES[role] if alias in by_name), None)


def _find(
    role: str, names: Sequence[str], given: str | None, *, place: str, problems: list[str], events: list[Event]
) -> str | None:
    if given is not None:
        return _given(given, names, place=place, problems=problems)
    found = recognised(role, names)
    rivals = [name for name in names if name != found and name.strip().casefold() in ALIASES[role]]
    if rivals and found is not None:
        reason = f"'{found}' is taken as the {role} column and {', '.join(map(repr, rivals))} is not used"
        events.append(("noted", reason, place))
    return found


def _given(given: str, names: Sequence[str], *, place: str, problems: list[str]) -> str | None:
    if given in names:
        return given
    by_name = {name.casefold(): name for name in names}
    if given.casefold() in by_name:
        return by_name[given.casefold()]
    problems.append(f"{place} has no column '{given}': it has {', '.join(names)}.{did_you_mean(given, names)}")
    return None


def _labels(
    names: Sequence[str], options: ReadOptions, *, place: str, problems: list[str], events: list[Event]
) -> tuple[str, ...]:
    if options.label is None or isinstance(options.label, str):
        label = _find("label", names, options.label, place=place, problems=problems, events=events)
        return () if label is None else (label,)
    found = [_given(label, names, place=place, problems=problems) for label in options.label]
    return tuple(label for label in found if label is not None)
