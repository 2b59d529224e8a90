"""Which mask belongs to which picture: two folders, matched by the names of the files."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from headstart.core.ledger import Event
from headstart.data.file_names import printable, under
from headstart.data.folders import list_folder, walk_pictures
from headstart.data.parts import in_order, part_of

IMAGES = ("images", "image", "imgs", "img", "jpegimages", "pictures", "photos", "input", "inputs")
MASKS = (
    "masks", "mask", "annotations", "annotation", "annots", "annot", "labels", "label", "segmentationclass",
    "segmentations", "segmentation", "gt", "ground_truth", "groundtruth", "targets",
)  # fmt: skip
_BESIDE = re.compile(r"[ _-]?(annots?|annotations?|masks?|labels?|gt|segmentations?)$")
NO_MASK, NO_PICTURE = "a picture without a mask", "a mask without a picture"
SECOND = "has the name of another file, but for its ending"


@dataclass(frozen=True)
class Place:
    """Two folders below the root, and the word for the part of the split that they hold (empty for none)."""

    word: str
    images: str
    masks: str


@dataclass
class Pairs:
    """For N pairs: the part's word, and the paths of picture and mask below the root. `events` say what is left."""

    words: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    masks: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    lacking: int = 0

    def __len__(self) -> int:
        return len(self.images)


def find_places(root: Path) -> list[Place]:
    """Where pictures and masks lie; empty where this is no such folder. Nothing is opened."""
    listing = list_folder(root)
    here = _two(root, "", listing.folders)
    if here is not None:
        return [Place("", *here)]
    words = in_order([name for name in listing.folders if part_of(name) is not None])
    inside = [(word, _two(root, word, list_folder(root / word).folders)) for word in words]
    found = [Place(word, *two) for word, two in inside if two is not None]
    return found or _siblings(root, listing.folders, words)


def match(root: Path, places: Sequence[Place]) -> Pairs:
    """All pairs of all places, in the order of the pictures' names."""
    pairs = Pairs()
    for place in places:
        images = _by_key(root, place.images, pairs.events)
        masks = _by_key(root, place.masks, pairs.events)
        strip_image, strip_mask, note = _stripping(list(images), list(masks))
        if note:
            pairs.events.append(("noted", note, printable(place.masks)))
        masks = {strip_mask(key): path for key, path in masks.items()}
        used = set()
        for key, path in images.items():
            stem = strip_image(key)
            if stem in masks:
                used.add(stem)
                pairs.words.append(place.word or _word_of(key))
                pairs.images.append(path)
                pairs.masks.append(masks[stem])
            else:
                pairs.events.append(("skipped", NO_MASK, printable(path)))
        pairs.events += [("skipped", NO_PICTURE, printable(path)) for key, path in masks.items() if key not in used]
        pairs.lacking += len(images) - len(used) + len(masks) - len(used)
    if not all(part_of(word) is not None for word in pairs.words):
        pairs.words = [""] * len(pairs)
    return pairs


def share_names(root: Path, place: Place) -> bool:
    """Whether the first pictures and masks of a place look like pairs."""
    images, masks = (list(_by_key(root, folder, [])) for folder in (place.images, place.masks))
    strip_image, strip_mask, _ = _stripping(images, masks)
    return bool({*map(strip_image, images)} & {*map(strip_mask, masks)})


def _two(root: Path, shown: str, folders: Sequence[str]) -> tuple[str, str] | None:
    """The folders of pictures and of masks among the folders in one; None where it does not have both."""
    by_name = {name.casefold(): name for name in folders}
    images = next((by_name[name] for name in IMAGES if name in by_name), None)
    masks = (by_name[name] for name in MASKS if name in by_name)
    if images is None or not _holds_pictures(root, under(shown, images)):
        return None
    chosen = next((name for name in masks if _holds_pictures(root, under(shown, name))), None)
    return None if chosen is None else (under(shown, images), under(shown, chosen))


def _siblings(root: Path, folders: Sequence[str], words: Sequence[str]) -> list[Place]:
    """`train` beside `trainannot`, `train_labels` or the like."""
    found = []
    for word in words:
        beside = [name for name in folders if name != word and name.casefold().startswith(word.casefold())]
        masks = [name for name in beside if _BESIDE.fullmatch(name[len(word) :].casefold())]
        masks = [name for name in masks if _holds_pictures(root, name)]
        if masks and list_folder(root / word).pictures:
            found.append(Place(word, word, masks[0]))
    return found


def _holds_pictures(root: Path, shown: str) -> bool:
    return next(walk_pictures(root, shown, events=[]), None) is not None


def _by_key(root: Path, folder: str, events: list[Event]) -> dict[str, str]:
    """Paths of pictures by what is left without the folder and the suffix."""
    found: dict[str, str] = {}
    for path in walk_pictures(root, folder, events=events):
        name = path[len(folder) + 1 :]
        key = name[: name.rfind(".")]
        if key in found:
            events.append(("skipped", SECOND, printable(path)))
        else:
            found[key] = path
    return found


def _word_of(key: str) -> str:
    first = key.split("/")[0] if "/" in key else ""
    return first if part_of(first) is not None else ""


Strip = Callable[[str], str]


def _stripping(images: list[str], masks: list[str]) -> tuple[Strip, Strip, str]:
    """How names of pictures and of masks are cut to be the same: not at all, unless more pairs come of it."""

    def same(key: str) -> str:
        return key

    plain = len({*images} & {*masks})
    best: tuple[int, Strip, Strip, str] = (plain, same, same, "")
    endings = _ending(images), _ending(masks)
    beginnings = _beginning(images), _beginning(masks)
    ways: list[tuple[Strip, Strip, str]] = [
        (same, _without_ending(endings[1]), f"names of masks end in '{endings[1]}'"),
        (_without_ending(endings[0]), _without_ending(endings[1]),
         f"names of pictures end in '{endings[0]}' and of masks in '{endings[1]}'"),
        (_without_beginning(beginnings[0]), _without_beginning(beginnings[1]),
         f"names of pictures begin with '{beginnings[0]}' and of masks with '{beginnings[1]}'"),
    ]  # fmt: skip
    for image, mask, note in ways:
        cut = {mask(key) for key in masks}
        count = len({image(key) for key in images} & cut)
        if count > best[0] and len(cut) == len(masks):
            best = (count, image, mask, note)
    return best[1:]


def _ending(keys: Sequence[str]) -> str:
    """What all names end in, from a separator on: `_mask`."""
    names = [key.rpartition("/")[2] for key in keys]
    common = _common([name[::-1] for name in names])[::-1]
    start = min((common.find(mark) for mark in "_-." if mark in common), default=len(common))
    return common[start:]


def _beginning(keys: Sequence[str]) -> str:
    names = [key.rpartition("/")[2] for key in keys]
    common = _common(names)
    return common[: max(common.rfind(mark) for mark in "_-.") + 1] if common else ""


def _common(names: Sequence[str]) -> str:
    """What several names all begin with."""
    if len(names) < 2:
        return ""
    first, last = min(names), max(names)
    same = next(
        (place for place, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first)
    )
    return first[:same]


def _without_ending(ending: str) -> Strip:
    return lambda key: key.removesuffix(ending)


def _without_beginning(beginning: str) -> Strip:
    def strip(key: str) -> str:
        folder, slash, name = key.rpartition("/")
        return f"{folder}{slash}{name.removeprefix(beginning)}"

    return strip
