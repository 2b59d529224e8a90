"""A folder with a file for each part of a split -> one data set, with the problems of all files in one error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError
from headstart.core.ledger import Event, Ledger
from headstart.data.folders import list_folder
from headstart.data.joining import join_parts
from headstart.data.parts import in_order, shared_parts

NOT_USED = "a file that is not one of the split's"


def read_part_files(folder: Path, files: Mapping[str, Path], read: Callable[[Path], Dataset]) -> Dataset:
    """Read the files, by the word for their part, with `read`; one with an empty word is the whole data set."""
    if list(files) == [""]:
        return read(files[""])
    problems = shared_parts(list(files))
    if not files:
        problems = [f"{folder} holds no file that is called train, dev or test."]
    pieces: dict[str, Dataset] = {}
    hints: list[str] = []
    for word in in_order(list(files)):
        try:
            pieces[word] = read(files[word])
        except DataError as error:
            problems += error.problems
            hints.append(error.hint)
    if problems:
        raise DataError(problems, hint="\n".join(dict.fromkeys(filter(None, hints))))
    used = {file.name for file in files.values()}
    others: list[Event] = [("skipped", NOT_USED, name) for name in list_folder(folder).files if name not in used]
    joined = join_parts(pieces, source=str(folder))
    return replace(joined, ledger=joined.ledger + Ledger.of(others))
