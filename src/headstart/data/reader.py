"""What turns a layout on disk or in memory into a `Dataset`, and what the user may say about the data."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from pydantic import Field

from headstart.core.dataset import Dataset
from headstart.core.record import Record

LABEL_SEPARATORS = ("|", ";")


class ReadOptions(Record):
    """What the user says of the data; what is None is found out.

    `reader` names the reader to use. `train`, `validation` and `test` are places of their own for the parts. `image`,
    `mask`, `text`, `text_pair`, `label`, `group`, `domain` and `split` are column names; several `label` columns hold 0
    and 1.
    `split_names` leads from other names of splits to train, val and test. `image_folder` is where relative paths of a
    table start, `delimiter` what separates its columns, `label_separators` what separates several labels in one cell.
    `multi_label` says whether an item may have several labels. `configuration` and `revision` belong to a data set of
    the Hugging Face hub. Pixels of a mask whose number is in
    `ignore_index` are neither learnt nor counted. Fewer than `least_classes` classes are an error.
    """

    reader: str | None = None
    train: str | None = None
    validation: str | None = None
    test: str | None = None
    image: str | None = None
    mask: str | None = None
    text: str | None = None
    text_pair: str | None = None
    label: str | tuple[str, ...] | None = None
    group: str | None = None
    domain: str | None = None
    split: str | None = None
    split_names: dict[str, str] = {}
    image_folder: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    label_separators: tuple[str, ...] = LABEL_SEPARATORS
    multi_label: bool | None = None
    configuration: str | None = None
    revision: str | None = None
    ignore_index: tuple[int, ...] = ()
    least_classes: int = Field(default=2, ge=1)


class Reader(Protocol):
    """One layout: a line in the table of readers. `layout` shows it, for people whose data nobody could read."""

    name: str
    layout: str

    def sniff(self, source: Any) -> str | None:
        """Why this reader takes the source, from a quick look at it; None where it does not."""
        ...

    def read(self, source: Any, options: ReadOptions) -> Dataset:
        """Read everything but the pictures themselves. Raises `DataError` with all problems at once."""
        ...


def source_name(source: Any) -> str:
    """What a source is called in records: its path, its id, or its type for data in memory."""
    return str(source) if isinstance(source, (str, Path)) else f"{type(source).__name__} in memory"


def local_path(source: Any) -> Path | None:
    """The file or folder that a source names; None where it names none that is there."""
    if not isinstance(source, (str, Path)):
        return None
    path = expanded(source)
    try:
        return path if path.exists() else None
    except OSError:  # a name too long, or a folder above that may not be entered
        return None


def expanded(source: str | Path) -> Path:
    """The path with `~` replaced by the home folder, where there is such a user."""
    try:
        return Path(source).expanduser()
    except RuntimeError:
        return Path(source)
