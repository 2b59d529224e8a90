"""Things to predict, without labels: files, folders, tables of names, arrays, pictures -> one column."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from headstart.core.dataset import InputColumn
from headstart.core.errors import DataError
from headstart.core.ledger import Event
from headstart.data.columns import ArrayColumn, PathColumn, path_array
from headstart.data.folders import walk_pictures
from headstart.data.picture_tables import full_names, names_pictures, pictures_in
from headstart.data.reader import ReadOptions

_PLAIN = ReadOptions()


def input_column(inputs: Any, reading: ReadOptions = _PLAIN) -> tuple[InputColumn, list[Event]]:
    """The column of everything to predict, in the order given, and what was passed over in folders.

    `inputs` is one or several of: a file, a folder (all pictures in it and below), a table that names pictures (in a
    column that `reading` may name), a picture, an array (H, W) or (H, W, C); or one array of several pictures
    (N, H, W, C). Names are paths; of a table given alone, those written in it. Raises `DataError`, with
    all problems at once, for paths that do not exist and where there is nothing to predict.
    """
    if isinstance(inputs, np.ndarray):
        return ArrayColumn(inputs if inputs.ndim == 4 else [inputs]), []
    several: Sequence[Any] = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    if several and not any(isinstance(item, (str, Path)) for item in several):
        return ArrayColumn(several), []
    if not all(isinstance(item, (str, Path)) for item in several):
        raise DataError("Paths and pictures in memory cannot be mixed in one call.")
    paths = [Path(item) for item in several]
    problems = [f"{path} does not exist." for path in paths if not path.exists()]
    if problems:
        raise DataError(problems)
    events: list[Event] = []
    if len(paths) == 1 and names_pictures(paths[0]):
        column, events = pictures_in(paths[0], reading)
        if len(column):
            return column, events
    names = list(chain.from_iterable(_files(path, reading, events) for path in paths))
    if not names:
        raise DataError(f"No picture found in {', '.join(map(str, paths)) or 'an empty list'}.")
    return PathColumn(Path(), path_array(names)), events


def _files(path: Path, reading: ReadOptions, events: list[Event]) -> list[str]:
    if path.is_dir():
        return [str(path / name) for name in walk_pictures(path, "", events=events)]
    if names_pictures(path):
        column, more = pictures_in(path, reading)
        events += more
        return full_names(column)
    return [str(path)]
