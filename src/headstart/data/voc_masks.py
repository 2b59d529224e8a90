"""Pascal VOC's folder with masks: `JPEGImages`, `SegmentationClass`, and lists of names for the parts of a split."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError
from headstart.core.ledger import Event
from headstart.data.encoding import EncodingError, decode
from headstart.data.file_names import printable
from headstart.data.folders import list_folder
from headstart.data.mask_classes import find_classes
from headstart.data.mask_dataset import dataset_of_pairs
from headstart.data.mask_pairs import Pairs
from headstart.data.parts import in_order, part_of
from headstart.data.reader import ReadOptions, local_path

IMAGES, MASKS, LISTS = "JPEGImages", "SegmentationClass", Path("ImageSets", "Segmentation")


class VocMasks:
    """`ImageSets/Segmentation/{train,val,test}.txt` name the pictures; without them, `mask-folder` reads the rest."""

    name = "voc-masks"
    layout = "ROOT/JPEGImages, ROOT/SegmentationClass and ROOT/ImageSets/Segmentation/{train,val,test}.txt"

    def sniff(self, source: Any) -> str | None:
        """The two folders and at least one list."""
        root = local_path(source)
        if root is None or not (root / MASKS).is_dir() or not (root / IMAGES).is_dir():
            return None
        lists = _lists(root)
        return f"{LISTS.as_posix()} holds {', '.join(path.name for path in lists)}" if lists else None

    def read(self, source: Any, options: ReadOptions) -> Dataset:
        """Read the masks that the lists name. Raises `DataError` with all problems."""
        root = local_path(source)
        lists = _lists(root) if root is not None and root.is_dir() else []
        if root is None or not lists:
            raise DataError(f"{source} holds no lists of names.", hint=f"Expected {self.layout}.")
        pictures, masks = (_stems(root, folder) for folder in (IMAGES, MASKS))
        pairs, seen = Pairs(), dict[str, str]()
        for path in lists:
            for name in _names(path):
                _add(pairs, path.stem, name, pictures, masks, seen)
        unlisted = sorted(masks.keys() - seen.keys())
        pairs.events += [("skipped", "a mask that no list names", printable(masks[name])) for name in unlisted]
        return dataset_of_pairs(root, pairs, find_classes(root), options)


def _lists(root: Path) -> list[Path]:
    """The lists of parts, from training to test; `trainval` is no part of its own."""
    folder = root / LISTS
    names = [Path(name).stem for name in list_folder(folder).files if name.endswith(".txt")] if folder.is_dir() else []
    return [folder / f"{word}.txt" for word in in_order([name for name in names if part_of(name) is not None])]


def _names(path: Path) -> list[str]:
    try:
        text, _ = decode(path.read_bytes())
    except (OSError, EncodingError) as error:
        raise DataError(f"{path} cannot be read: {error}.") from error
    return [line.split()[0] for line in text.splitlines() if line.strip()]


def _stems(root: Path, folder: str) -> dict[str, str]:
    return {Path(name).stem: f"{folder}/{name}" for name in list_folder(root / folder).pictures}


def _add(
    pairs: Pairs, word: str, name: str, pictures: dict[str, str], masks: dict[str, str], seen: dict[str, str]
) -> None:
    """One line of a list."""
    events: list[Event] = []
    if name in seen:
        same = part_of(seen[name]) == part_of(word)
        reason = "named twice in one list" if same else f"named in {seen[name]} and again in {word}: stays in the first"
        events.append(("skipped", reason, printable(name)))
    elif name not in pictures or name not in masks:
        lacking = "picture" if name not in pictures else "mask"
        events.append(("skipped", f"named in {word}.txt, but there is no such {lacking}", printable(name)))
        pairs.lacking += 1
    else:
        pairs.words.append(word)
        pairs.images.append(pictures[name])
        pairs.masks.append(masks[name])
    seen.setdefault(name, word)
    pairs.events += events


READER = VocMasks()
