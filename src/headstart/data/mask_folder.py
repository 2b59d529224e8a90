"""Pictures and masks in two folders, matched by name: split into parts in several ways, or not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError
from headstart.core.ledger import Event, Ledger
from headstart.data.file_names import printable
from headstart.data.folders import list_folder
from headstart.data.mask_classes import ClassList, find_classes
from headstart.data.mask_dataset import dataset_of_pairs
from headstart.data.mask_pairs import Place, find_places, match, share_names
from headstart.data.parts import part_of, shared_parts
from headstart.data.reader import ReadOptions, local_path


class MaskFolder:
    """`images` and `masks`, also inside or around folders of a split; `train` and `trainannot`."""

    name = "mask-folder"
    layout = (
        "ROOT/images/*.jpg and ROOT/masks/*.png (also ROOT/{train,val,test}/..., or ROOT/train and ROOT/trainannot)"
    )

    def sniff(self, source: Any) -> str | None:
        """A folder of pictures beside one of masks with the same names."""
        root = local_path(source)
        if root is None or not root.is_dir():
            return None
        place = next((place for place in find_places(root) if share_names(root, place)), None)
        if place is None:
            return None
        return f"{printable(place.masks)} holds pictures with the names of those in {printable(place.images)}: masks"

    def read(self, source: Any, options: ReadOptions) -> Dataset:
        """Read every mask, and the head of every picture. Raises `DataError` with all problems."""
        root = local_path(source)
        places = find_places(root) if root is not None and root.is_dir() else []
        if root is None or not places:
            raise DataError(f"{source} holds no folders of pictures and masks.", hint=f"Expected {self.layout}.")
        problems = shared_parts([place.word for place in places])
        if problems:
            raise DataError([f"{root}: {problem}" for problem in problems])
        pairs = match(root, places)
        dataset = dataset_of_pairs(root, pairs, classes_near(root), options)
        reason = "a folder that holds neither pictures nor masks of the data"
        idle = [name for name in list_folder(root).folders if not _used(name, places)]
        left_out: list[Event] = [("skipped", reason, printable(name)) for name in idle]
        return replace(dataset, ledger=dataset.ledger + Ledger.of(left_out))


def classes_near(root: Path) -> ClassList | None:
    """The list of classes in the folder; for the folder of one part, also the one in the folder above."""
    found = find_classes(root)
    return (
        find_classes(root.absolute().parent) if found is None and part_of(root.absolute().name) is not None else found
    )


def _used(folder: str, places: list[Place]) -> bool:
    return any(path.split("/")[0] == folder for place in places for path in (place.images, place.masks))


READER = MaskFolder()
