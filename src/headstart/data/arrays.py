"""Pictures and labels that are in memory already: `(images, labels)`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headstart.core.dataset import Dataset, InputColumn, Part
from headstart.core.errors import DataError
from headstart.core.ledger import Event, Ledger
from headstart.data.columns import ArrayColumn, PathColumn, path_array
from headstart.data.labels import as_text
from headstart.data.reader import ReadOptions
from headstart.data.table_labels import NO_LABEL, Labelled, label_column

LAYOUT_HINT = (
    "Give (images, labels), with the images as an array (N, H, W) or (N, H, W, C), "
    "or as a list of arrays, PIL pictures or paths."
)


class Arrays:
    """A pair of images and labels; paths stand for files, relative ones below the working folder."""

    name = "arrays"
    layout = "in memory: (images, labels) as numpy arrays, or lists of PIL pictures or paths"

    def sniff(self, source: Any) -> str | None:
        """A tuple or list of two things that have a length."""
        if not isinstance(source, (tuple, list)) or len(source) != 2:
            return None
        return "it is a pair of images and labels" if all(hasattr(side, "__len__") for side in source) else None

    def read(self, source: Any, options: ReadOptions) -> Dataset:
        """Take the pictures as they are, without copying them."""
        if self.sniff(source) is None:
            raise DataError("The data in memory are not a pair of images and labels.", hint=LAYOUT_HINT)
        images, labels = source
        problems = []
        if len(images) != len(labels):
            problems.append(f"There are {len(images)} images but {len(labels)} labels.")
        problems += _wrong_images(images)
        if problems:
            raise DataError(problems, hint=LAYOUT_HINT)
        inputs = _column(images)
        labelled = labels_in_memory(labels, options)
        keep = np.flatnonzero(labelled.given)
        missing = np.flatnonzero(~labelled.given)
        events: list[Event] = [("skipped", NO_LABEL, inputs.name(int(row))) for row in missing]
        dataset = Dataset(
            task="image-classification",
            labels=labelled.labels,
            inputs=inputs,
            targets=labelled.targets,
            parts=np.full(len(inputs), Part.UNASSIGNED, np.int8),
            source="arrays in memory",
            ledger=Ledger.of([*labelled.events, *events]),
        )
        return dataset.take(keep)


def _column(images: Any) -> InputColumn:
    if len(images) and isinstance(images[0], (str, Path)):
        return PathColumn(Path.cwd(), path_array([str(path) for path in images]))
    return ArrayColumn(images if isinstance(images, (np.ndarray, list, tuple)) else np.asarray(images))


def _wrong_images(images: Any) -> list[str]:
    if isinstance(images, (list, tuple)):
        wrong = [f"image {place} ({_describe(image)})" for place, image in enumerate(images) if not _is_picture(image)]
        kinds = {isinstance(image, (str, Path)) for image in images}
        mixed = ["Paths and pictures are mixed."] if len(kinds) > 1 else []
        shown = ", ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")
        return [f"Not a picture: {shown}.", *mixed] if wrong else mixed
    array = np.asarray(images)
    if array.ndim not in (3, 4) or array.dtype.kind not in "uifb":
        return [f"The images are {_describe(images)}, which is no array of pictures."]
    if array.ndim == 4 and array.shape[3] > 16 >= array.shape[1]:
        return [f"The images are {_describe(images)}: channels come last, as in (N, H, W, C)."]
    return []


def _is_picture(image: Any) -> bool:
    if isinstance(image, (str, Path)) or hasattr(image, "getbands"):
        return True
    return isinstance(image, np.ndarray) and image.ndim in (2, 3) and image.dtype.kind in "uifb"


def _describe(value: Any) -> str:
    shape = getattr(value, "shape", None)
    kind = getattr(value, "dtype", type(value).__name__)
    return f"{kind} of shape {tuple(shape)}" if shape is not None else str(kind)


def labels_in_memory(labels: Any, options: ReadOptions) -> Labelled:
    """Targets from names, numbers, lists of names, or an array (N, C) of 0 and 1."""
    matrix = labels if isinstance(labels, np.ndarray) else None
    if matrix is not None and matrix.ndim == 2:
        return _matrix(matrix)
    if matrix is not None and matrix.ndim != 1:
        raise DataError(f"The labels are {_describe(matrix)}, not (N,) or (N, C).", hint=LAYOUT_HINT)
    values = np.asarray(labels).tolist() if not isinstance(labels, (list, tuple)) else list(labels)
    listed = any(isinstance(value, (list, tuple, set, frozenset)) for value in values)
    try:
        if listed:
            column = pa.array([_texts(value) for value in values], pa.large_list(pa.large_string()))
        else:
            column = pa.array([_text(value) for value in values], pa.large_string())
    except pa.ArrowException as error:
        raise DataError(f"The labels are not names or numbers: {error}", hint=LAYOUT_HINT) from error
    # text is taken as it is: in memory, several labels are a list
    return label_column(as_text(column), multi_label=options.multi_label, separators=(), place="the labels")


def _texts(value: Any) -> list[str | None] | None:
    if value is None:
        return None
    if isinstance(value, (list, tuple)):
        return [_text(entry) for entry in value]
    return [_text(entry) for entry in sorted(value, key=str)] if isinstance(value, (set, frozenset)) else [_text(value)]


def _text(value: Any) -> str | None:
    if value is None or value != value:  # NaN is the one value that differs from itself
        return None
    number = value.item() if isinstance(value, np.generic) else value
    return str(int(number)) if isinstance(number, float) and number.is_integer() else str(number)


def _matrix(matrix: npt.NDArray[Any]) -> Labelled:
    if not np.isin(matrix, (0, 1)).all():
        raise DataError(
            f"The labels are {_describe(matrix)} with values other than 0 and 1.",
            hint="An array (N, C) of labels says with 0 or 1 whether each of C labels applies.",
        )
    names = tuple(str(label) for label in range(matrix.shape[1]))
    return Labelled(names, matrix.astype(np.uint8), np.ones(len(matrix), np.bool_))


READER = Arrays()
