"""Walking folders of pictures: quick for a million files, never in circles, and nothing passed over in silence."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from headstart.core.ledger import Event
from headstart.core.run_record import OURS
from headstart.data.file_names import ignored, is_picture, printable, under

NO_PICTURE = "no picture: its suffix is not one of a picture format"
Wanted = Callable[[str], bool]
RUN = "a folder that a command of Headstart wrote"
LOOP = "the link leads back to a folder that it lies in"


@dataclass
class Listing:
    """What lies in one folder: names in sorted order, and the events of what was left out."""

    folders: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


def list_folder(folder: Path, *, shown: str = "", wanted: Wanted = is_picture) -> Listing:
    """List one folder; `shown` is what its path is called in events, empty for the root. Never raises `OSError`.

    Files whose names are `wanted` are listed as the pictures, all others as files.
    """
    listing = Listing()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                _sort_in(entry, listing, shown, wanted)
    except OSError as error:
        listing.events.append(
            ("skipped", f"cannot be opened: {error.strerror or error}", printable(shown or str(folder)))
        )
    for names in (listing.folders, listing.pictures, listing.files, listing.events):
        names.sort()
    return listing


def walk_pictures(
    root: Path,
    shown: str,
    *,
    events: list[Event],
    wanted: Wanted = is_picture,
    otherwise: str = NO_PICTURE,
    run_folders: bool = True,
) -> Iterator[str]:
    """Paths, relative to the root, of all pictures in its folder `shown` and the folders inside that, sorted.

    With another `wanted`, of all files whose names it takes; `otherwise` is what is said of the rest.
    Without `run_folders`, what a command of ours wrote is left out: a verdict's picture is not of any class.
    """
    pending = [(shown, _identities_above(root, shown))]
    while pending:
        name, above = pending.pop()
        identity = _identity(root / name)
        if identity in above:
            events.append(("skipped", LOOP, printable(name)))
            continue
        listing = list_folder(root / name, shown=name, wanted=wanted)
        if not run_folders and not OURS.isdisjoint(listing.files):
            events.append(("skipped", RUN, printable(name)))
            continue
        events += listing.events
        events += [("skipped", otherwise, printable(under(name, file))) for file in listing.files]
        yield from (under(name, picture) for picture in listing.pictures)
        pending += [(under(name, inner), above | {identity}) for inner in reversed(listing.folders)]


def _identities_above(root: Path, shown: str) -> frozenset[tuple[int, int] | str]:
    """What tells a link back to the root, or to a folder between it and `shown`, from a folder of its own."""
    between = [root / parent for parent in Path(shown).parents] if shown else []
    return frozenset(map(_identity, between))


def _sort_in(entry: os.DirEntry[str], listing: Listing, shown: str, wanted: Wanted) -> None:
    why = ignored(entry.name)
    if why:
        listing.events.append(("skipped", why, printable(under(shown, entry.name))))
        return
    try:
        if entry.is_dir():
            listing.folders.append(entry.name)
        elif not entry.is_file():
            raise FileNotFoundError
        elif wanted(entry.name):
            listing.pictures.append(entry.name)
        else:
            listing.files.append(entry.name)
    except OSError:
        listing.events.append(
            ("skipped", "a link that leads nowhere, or no ordinary file", printable(under(shown, entry.name)))
        )


def _identity(folder: Path) -> tuple[int, int] | str:
    try:
        status = folder.stat()
    except OSError:  # the attempt to list it reports the error
        return str(folder)
    return status.st_dev, status.st_ino
