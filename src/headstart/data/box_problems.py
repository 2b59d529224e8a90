"""What else is wrong with boxes whose files have problems already, so that all of it is told at once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from headstart.core.console import progress
from headstart.core.errors import DataError
from headstart.data.box_checks import problems_of
from headstart.data.file_names import printable
from headstart.data.opening import header_of, open_bytes
from headstart.data.picture import PictureError
from headstart.data.written_boxes import Drawn, shortened


def refuse_with_boxes(problems: Sequence[str], root: Path, drawn: Sequence[Drawn], *, hint: str) -> None:
    """Raise `DataError` for the problems, where there are any, and for those of the boxes that could be read.

    Only the heads of the pictures, below the root, are looked at. One that cannot be read is passed over: in data that
    are sound it would be left out.
    """
    if not problems:
        return
    found: list[str] = []
    with progress(len(drawn), "looking at the boxes", unit="pictures") as bar:
        for one in drawn:
            found += _of_one(one, root)
            bar.advance(1)
    raise DataError([*problems, *shortened(found)], hint=hint)


def _of_one(one: Drawn, root: Path) -> list[str]:
    path = os.fsdecode(one.path)
    try:
        header = header_of(open_bytes((root / path).read_bytes()))
    except (OSError, PictureError):
        return []
    return problems_of(one.boxes, printable(path), (header.width, header.height), header.orientation)
