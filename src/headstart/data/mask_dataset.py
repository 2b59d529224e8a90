"""Pairs of pictures and masks -> a data set: every mask is looked at, and all problems are told at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from headstart.core.console import progress
from headstart.core.dataset import Dataset, Part
from headstart.core.errors import DataError
from headstart.core.ledger import Event, Ledger
from headstart.core.runtime import cores
from headstart.core.targets import column_of
from headstart.data.columns import PathColumn, path_array
from headstart.data.file_names import printable
from headstart.data.mask_classes import ClassList
from headstart.data.mask_coding import code_masks
from headstart.data.mask_pairs import Pairs
from headstart.data.mask_values import MaskFacts, facts_of, read_mask
from headstart.data.masks import FileMask
from headstart.data.opening import open_unchecked, orientation_of
from headstart.data.parts import part_of
from headstart.data.picture import PictureError, upright_size
from headstart.data.reader import ReadOptions

TASK = "semantic-segmentation"
TURNED = "the picture is turned by its EXIF data and the mask has its upright size: taken as it is"
EITHER = "the picture is turned by its EXIF data: the mask is taken to be of the upright picture"
STORED = "the mask has the size of the picture as it is stored: turned upright with it"


@dataclass(frozen=True)
class _Look:
    """What a pair is: the mask's facts and how it has to be turned; or, in `problem`, why it cannot be used."""

    facts: MaskFacts | None
    orientation: int = 1
    event: Event | None = None
    problem: str = ""


def dataset_of_pairs(root: Path, pairs: Pairs, classes: ClassList | None, options: ReadOptions) -> Dataset:
    """The data set of all pairs that can be used; the others are in the ledger.

    Raises `DataError` where values stand for no class or at least half of the pairs cannot be used, with all problems.
    """
    looks = _look_at_all(root, pairs)
    good = [row for row, look in enumerate(looks) if look.facts is not None]
    bad: list[Event] = [("skipped", look.problem, printable(pairs.masks[row]))
                        for row, look in enumerate(looks) if look.facts is None]  # fmt: skip
    facts = [look.facts for look in looks if look.facts is not None]
    coded = code_masks(facts, classes, options.ignore_index, place=str(root))
    broken = len(bad) + pairs.lacking
    if coded.coding is None or broken * 2 >= len(pairs) + pairs.lacking or not good:
        left_out = [str(line) for line in Ledger.of([*pairs.events, *bad]).lines if line.action == "skipped"]
        if not facts:
            raise DataError([f"{root} holds no pair of a picture and a mask that can be used.", *left_out])
        raise DataError([*coded.problems, *left_out], hint=coded.hint)
    events = [*pairs.events, *bad, *coded.events, *(look.event for look in looks if look.event is not None)]
    coding = coded.coding
    masks = [FileMask(str(root / pairs.masks[row]), coding, look.facts, look.orientation)
             for row, look in enumerate(looks) if look.facts is not None]  # fmt: skip
    words = [pairs.words[row] for row in good]
    parts = [part_of(word) if word else Part.UNASSIGNED for word in words]
    return Dataset(
        task=TASK,
        labels=coded.labels,
        inputs=PathColumn(root, path_array([pairs.images[row] for row in good])),
        targets=column_of(masks),
        parts=np.array(parts, np.int8),
        source=str(root),
        given_parts=tuple(dict.fromkeys(word for word in words if word)),
        ledger=Ledger.of(events),
    )


def _look_at_all(root: Path, pairs: Pairs) -> list[_Look]:
    with (
        ThreadPoolExecutor(min(32, 2 * cores()), thread_name_prefix="headstart-masks") as workers,
        progress(len(pairs), "looking at the masks", unit="masks") as bar,
    ):
        looks = []
        for look in workers.map(lambda row: _look(root, pairs.images[row], pairs.masks[row]), range(len(pairs))):
            looks.append(look)
            bar.advance(1)
        return looks


def _look(root: Path, image: str, mask: str) -> _Look:
    try:
        facts = facts_of(read_mask((root / mask).read_bytes()))
    except OSError as error:
        return _Look(None, problem=f"a mask that cannot be read: {(error.strerror or str(error)).lower()}")
    except PictureError as error:
        return _Look(None, problem=f"a mask that cannot be read: {error.reason}")
    try:
        picture = open_unchecked((root / image).read_bytes())
    except (OSError, PictureError):  # the scan of the pictures meets it again, and says so
        return _Look(facts)
    orientation = orientation_of(picture) if picture.format != "TIFF" else 1
    return _fitted(facts, picture.size, orientation, printable(mask))


def _fitted(facts: MaskFacts, stored: tuple[int, int], orientation: int, name: str) -> _Look:
    """Whether the mask is of the upright picture, or of the one that is stored: its size tells, where sizes differ."""
    upright = upright_size(stored, orientation)
    if facts.size == upright:
        reason = TURNED if stored != upright else EITHER
        return _Look(facts, event=("noted", reason, name) if orientation != 1 else None)
    if facts.size == stored:
        return _Look(facts, orientation, ("repaired", STORED, name))
    return _Look(None, problem=f"the mask has another size than the picture: {_size(facts.size)} and {_size(upright)}")


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"
