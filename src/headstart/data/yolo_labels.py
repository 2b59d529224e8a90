"""Which file of labels belongs to which picture of a data set in YOLO's layout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from headstart.core.ledger import Event
from headstart.data.file_names import printable
from headstart.data.folders import list_folder
from headstart.data.reader import local_path

IMAGES, LABELS = "images", "labels"
NO_PICTURE = "a file of labels without a picture"
LISTS = ("classes.txt", "train.txt", "val.txt", "test.txt")
"""What tools write among the labels, and what is about no single picture."""


class LabelFiles:
    """The last folder `images` below the data set's root called `labels`, in any case, or else beside the picture.

    `roots` are the folders that count as the data set's; where neither has a file, the path above them is looked at.
    """

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = tuple(roots)
        self._folders: dict[Path, list[Path]] = {}
        self._names: dict[Path, str] = {}

    def of(self, picture: Path) -> Path:
        """The file of labels of a picture; where there is none, the place where it is due."""
        files = [folder / f"{picture.stem}.txt" for folder in self.folders(picture.parent)]
        return next((file for file in files if is_file(file)), files[0])

    def folders(self, pictures: Path) -> list[Path]:
        """The folders in which labels of the pictures of a folder may lie, best first."""
        if pictures not in self._folders:
            root = next((root for root in self._roots if pictures.is_relative_to(root)), None)
            anywhere = self._beside(pictures, 0)
            below = anywhere if root is None else self._beside(pictures, len(root.parts))
            found = [folder for folder in (below, pictures, anywhere) if folder is not None]
            self._folders[pictures] = list(dict.fromkeys(found))
        return self._folders[pictures]

    def lonely(self, pictures: Iterable[Path], root: Path) -> list[Event]:
        """An event for each file of labels, beside the folders of these pictures, that no picture has the name of."""
        events: list[Event] = []
        for folder in dict.fromkeys(picture.parent for picture in pictures):
            labels = self.folders(folder)[0]
            if labels == folder:  # where whoever lists the pictures meets it
                continue
            stems = {Path(name).stem for name in list_folder(folder).pictures}
            names = [name for name in list_folder(labels).files if name.endswith(".txt") and name not in LISTS]
            shown = labels.relative_to(root) if labels.is_relative_to(root) else labels
            events += [
                ("skipped", NO_PICTURE, printable((shown / name).as_posix()))
                for name in names
                if Path(name).stem not in stems
            ]
        return events

    def _beside(self, folder: Path, first: int) -> Path | None:
        """The folder with its last piece `images`, from the piece `first` on, called `labels`."""
        pieces = folder.parts
        for place in range(len(pieces) - 1, first - 1, -1):
            if pieces[place].casefold() == IMAGES:
                above = Path(*pieces[:place])
                return above.joinpath(self._name_in(above), *pieces[place + 1 :])
        return None

    def _name_in(self, above: Path) -> str:
        """What the folder of labels is called there."""
        if above not in self._names:
            names = [name for name in list_folder(above).folders if name.casefold() == LABELS]
            self._names[above] = LABELS if LABELS in names or not names else names[0]
        return self._names[above]


def is_file(path: Path) -> bool:
    """Whether there is such a file, that may be looked at."""
    found = local_path(path)
    return found is not None and found.is_file()
