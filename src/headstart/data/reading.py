"""Finding the reader that takes a source, reading the parts of a split one by one, and checking what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError, did_you_mean
from headstart.data import READERS
from headstart.data.file_names import is_picture, printable
from headstart.data.finishing import finish
from headstart.data.folders import Listing, list_folder
from headstart.data.joining import join_parts
from headstart.data.reader import Reader, ReadOptions, expanded, local_path, source_name
from headstart.data.table_file import SUFFIXES, column_names
from headstart.data.table_reader import tables_in
from headstart.data.token_table import holds_tagged_words


def read(source: Any, options: ReadOptions) -> Dataset:
    """Read a source, or the parts that the options name. Raises `DataError` with all problems."""
    pieces = _named_parts(source, options)
    if pieces:
        return finish(_read_parts(pieces, options), options)
    if source is None:
        raise DataError("No data are given.", hint="Name a folder, a table or a data set.")
    return finish(_read_one(source, options), options)


def choose_reader(source: Any, options: ReadOptions) -> tuple[Reader, str]:
    """The reader for a source, and why it is that one. Raises `DataError` where none takes it."""
    if options.reader is not None:
        return READERS[options.reader], "it was asked for"
    if options.mask is not None and is_table(source):
        return READERS["mask-table"], "a column of masks was named"
    if options.text is not None and is_table(source) and holds_tagged_words(expanded(source), options):
        return READERS["token-table"], "a column of words, or of texts with entities, was named"
    if options.text is not None and is_table(source):
        return READERS["text-table"], "a column of texts was named"
    for name in READERS:
        reader = READERS[name]
        reason = reader.sniff(source)
        if reason is not None:
            return reader, reason
    raise _nobody(source)


def is_table(source: Any) -> bool:
    """Whether the source is a file of a table, or a folder of the tables of a split."""
    path = local_path(source)
    if path is None:
        return False
    return path.suffix.lower() in SUFFIXES if path.is_file() else bool(tables_in(path))


def _named_parts(source: Any, options: ReadOptions) -> dict[str, Any]:
    """Sources by the word for their part; empty where the data are all in one place."""
    given = {"train": options.train, "val": options.validation, "test": options.test}
    named = {word: place for word, place in given.items() if place is not None}
    if named and source is not None:
        if "train" in named:
            raise DataError(f"Training data are given twice: {source_name(source)} and {named['train']}.")
        return {"train": source, **named}
    if named:
        return named
    is_library_type = type(source).__module__.partition(".")[0] == "datasets"
    return dict(source) if isinstance(source, Mapping) and not is_library_type else {}


def _read_parts(pieces: Mapping[str, Any], options: ReadOptions) -> Dataset:
    """All parts, with the problems of all of them in one error."""
    found: dict[str, Dataset] = {}
    problems: list[str] = []
    hints: list[str] = []
    for word, place in pieces.items():
        try:
            found[word] = _read_one(place, options.model_copy(update={"least_classes": 1}))
        except DataError as error:
            problems += [f"{word}: {problem}" for problem in error.problems]
            hints.append(error.hint)
    if problems:
        raise DataError(problems, hint="\n".join(dict.fromkeys(filter(None, hints))))
    return join_parts(found, source=", ".join(map(source_name, pieces.values())))


def _read_one(source: Any, options: ReadOptions) -> Dataset:
    _check_there(source)
    reader, _ = choose_reader(source, options)
    return reader.read(source, options)


def _check_there(source: Any) -> None:
    """Where a path is meant and nothing is there, say so, whatever readers might make of it."""
    if not isinstance(source, (str, Path)):
        return
    text = str(source)
    if not text.strip():
        raise DataError("The path to the data is empty.")
    if "\0" in text:
        raise DataError(f"{text!r} is no path.")
    meant = isinstance(source, Path) or text.startswith((".", "/", "~")) or "\\" in text or bool(Path(text).suffix)
    if local_path(source) is None and (meant or text.count("/") > 1 or text.endswith("/")):
        raise _missing(expanded(text))


def _missing(path: Path) -> DataError:
    try:
        path.lstat()
    except FileNotFoundError:
        beside = list_folder(path.parent) if path.parent.is_dir() else Listing()
        names = [*beside.folders, *beside.files, *beside.pictures]
        return DataError(f"{path} does not exist.{did_you_mean(path.name, names)}")
    except OSError as error:
        return DataError(f"{path} cannot be opened: {error.strerror or error}.")
    return DataError(f"{path} is a link that leads nowhere.")


def _nobody(source: Any) -> DataError:
    layouts = "\n".join(f"  {READERS[name].layout}" for name in READERS)
    hint = f"Layouts that are understood:\n{layouts}"
    path = local_path(source)
    if path is not None:
        return DataError(_what_is_there(path), hint=hint)
    if isinstance(source, (str, Path)):
        return _missing(expanded(source))
    return DataError(f"Data of type {type(source).__name__} are not understood.", hint=hint)


def _what_is_there(path: Path) -> str:
    """One sentence on a file or folder that no reader takes."""
    if path.is_file():
        kind = "a single picture" if is_picture(path.name) else f"a single file of type '{path.suffix or 'none'}'"
        return f"{path} is {kind}; a folder, a table or a data set is due."
    listing = list_folder(path)
    if not (listing.folders or listing.pictures or listing.files):
        unreadable = [f"{reason}" for _, reason, _ in listing.events if reason.startswith("cannot be opened")]
        return f"{path} {unreadable[0]}." if unreadable else f"{path} is an empty folder."
    if listing.pictures and not listing.folders:
        return f"{path} holds {len(listing.pictures)} pictures, but no class folders and no table with their labels."
    kinds = ((listing.folders, "folders"), (listing.pictures, "pictures"), (listing.files, "other files"))
    found = [f"{len(names)} {kind} ({_some(names)})" for names, kind in kinds if names]
    tables = [_what_is_in(path / name) for name in listing.files if Path(name).suffix.lower() in SUFFIXES]
    sentences = ["holds nothing labelled in a layout that is understood.", f"It holds {'; '.join(found)}."]
    return f"{path} {' '.join([*sentences, *tables[:3]])}"


def _some(names: list[str]) -> str:
    return ", ".join(map(printable, names[:5])) + (", ..." if len(names) > 5 else "")


def _what_is_in(table: Path) -> str:
    try:
        return f"{table.name} has the columns {_some(column_names(table))}."
    except DataError as error:
        return error.problems[0]
