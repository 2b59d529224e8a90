"""Tags as people write them (IOB1, IOB2, BIOES, BMES, BILOU, or the label alone) -> tags as numbers.

Where an entity begins is decided as conlleval and seqeval do: at B and S, behind the end of another entity, and where
the label changes. So sequences that no scheme allows are read as those tools read them, and `repaired` says where.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headstart.core.targets import NO_ENTITY
from headstart.data.labels import natural_key

OUTSIDE = frozenset({"O", "o"})
PREFIXED = re.compile(r"([BIESMLUW])(?:[-_](.*))?", re.DOTALL)
LOWER = re.compile(r"[biesmluw][-_](.+)", re.DOTALL)
UNNAMED = "entity"
"""The label where tags are no more than B, I and O."""
_CANONICAL = {"B": "B", "I": "I", "M": "I", "E": "E", "L": "E", "S": "S", "U": "S", "W": "S"}
_KINDS = {"O": 0, "B": 1, "I": 2, "E": 3, "S": 4}
O_, B_, I_, E_, S_ = range(5)
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class TagColumn:
    """Tags of M words, one sentence after the other, as `core.tags` has them.

    `scheme` is what they were written in. `repaired` (M,) says where a sequence was none that it allows. `unfit` leads
    from tags that are none to the places of the words that have them; the tags of those are not to be used.
    """

    labels: tuple[str, ...]
    tags: npt.NDArray[np.int32]
    scheme: str
    repaired: Bools
    unfit: dict[str, npt.NDArray[np.int64]]


def is_tag(text: str) -> bool:
    """Whether it looks like a tag with a prefix, or `O`."""
    return text in OUTSIDE or PREFIXED.fullmatch(text) is not None


def read_tags(written: Sequence[str], starts: Bools) -> TagColumn:
    """The tags of M words; `starts` (M,) says which of them begin a sentence."""
    encoded = pa.array(written, pa.large_string()).dictionary_encode()
    names: list[str] = encoded.dictionary.to_pylist()
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    parsed = [_parsed(name) for name in names]
    if _in_lower_case(parsed):
        parsed = [_parsed(name if name in OUTSIDE else name[0].upper() + name[1:]) for name in names]
    alone = all(prefix == "" for prefix, _ in parsed if prefix != "O")
    unfit: dict[str, npt.NDArray[np.int64]] = {}
    if not alone:
        wrong = [place for place, (prefix, _) in enumerate(parsed) if prefix == ""]
        unfit = {names[place]: np.flatnonzero(codes == place).astype(np.int64) for place in wrong}
    labels = tuple(
        sorted(
            {label for prefix, label in parsed if prefix not in ("O", "") or (alone and prefix == "")}, key=natural_key
        )
    )
    place_of = {label: place for place, label in enumerate(labels)}
    kinds = np.array([_KINDS[_CANONICAL.get(prefix, "O" if prefix == "O" else "I")] for prefix, _ in parsed], np.int64)
    label_of = np.array([place_of.get(label, -1) if prefix != "O" else -1 for prefix, label in parsed], np.int64)
    kind, label = kinds[codes] if len(codes) else codes, label_of[codes] if len(codes) else codes
    kind = np.where(label < 0, O_, kind)
    letters = {prefix for prefix, _ in parsed} - {"O", ""}
    return _numbered(labels, kind, label, starts, letters=letters, unfit=unfit)


def _numbered(
    labels: tuple[str, ...],
    kind: npt.NDArray[np.int64],
    label: npt.NDArray[np.int64],
    starts: Bools,
    *,
    letters: set[str],
    unfit: dict[str, npt.NDArray[np.int64]],
) -> TagColumn:
    before = np.where(starts, O_, np.roll(kind, 1))
    label_before = np.where(starts, -1, np.roll(label, 1))
    inside = kind != O_
    closed = np.isin(before, (O_, E_, S_))
    begins = inside & (np.isin(kind, (B_, S_)) | closed | (label != label_before))
    tags = np.where(begins, 1 + 2 * label, np.where(inside, 2 + 2 * label, NO_ENTITY)).astype(np.int32)
    scheme, repaired = _judged(kind, before, begins, label == label_before, starts, letters)
    return TagColumn(labels, tags, scheme, repaired, unfit)


def _judged(
    kind: npt.NDArray[np.int64],
    before: npt.NDArray[np.int64],
    begins: Bools,
    same: Bools,
    starts: Bools,
    letters: set[str],
) -> tuple[str, Bools]:
    """What the tags are written in, and where they break its rules."""
    none = np.zeros(len(kind), np.bool_)
    if not letters:
        return "labels alone" if begins.any() else "IOB2", none
    if letters <= {"B", "I"}:
        adrift = begins & (kind == I_)
        between = (kind == B_) & same & (before != O_)
        if adrift.any() and not ((kind == B_) & ~between).any():
            return "IOB1", none
        return "IOB2", adrift
    open_before = np.isin(before, (B_, I_))
    broken = np.where(open_before, ~(np.isin(kind, (I_, E_)) & same), np.isin(kind, (I_, E_)))
    last = np.append(starts[1:], True) & np.isin(kind, (B_, I_))
    name = "BILOU" if letters & set("LU") else "BMES" if letters & set("MW") else "BIOES"
    return name, broken | last


def _in_lower_case(parsed: Sequence[tuple[str, str]]) -> bool:
    """Whether all tags are written as `b-per`, and some label has two such prefixes, which names alone hardly have."""
    found = [LOWER.fullmatch(label) for prefix, label in parsed if prefix != "O"]
    labels = [match[1] for match in found if match is not None]
    return len(labels) == len(found) > len(set(labels))


def _parsed(tag: str) -> tuple[str, str]:
    """The prefix (`O` outside of entities, empty where there is none) and the label."""
    if tag in OUTSIDE:
        return "O", ""
    found = PREFIXED.fullmatch(tag)
    if found is None:
        return "", tag
    return found[1], found[2] or UNNAMED
