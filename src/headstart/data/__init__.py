"""A format on disk or in memory becomes a `Dataset`: reading, splitting, scanning, decoding."""

from __future__ import annotations

from typing import Any

from headstart.core.dataset import Dataset
from headstart.core.table import Table
from headstart.data.reader import Reader, ReadOptions

READERS: Table[Reader] = Table(
    "reader",
    {
        "token-arrays": "headstart.data.token_arrays:READER",
        "text-arrays": "headstart.data.text_arrays:READER",
        "arrays": "headstart.data.arrays:READER",
        "huggingface": "headstart.data.huggingface:READER",
        "coco": "headstart.data.coco:READER",
        "voc": "headstart.data.voc:READER",
        "yolo": "headstart.data.yolo:READER",
        "voc-masks": "headstart.data.voc_masks:READER",
        "mask-folder": "headstart.data.mask_folder:READER",
        "metadata-folder": "headstart.data.metadata_folder:READER",
        "mask-table": "headstart.data.mask_table:READER",
        "conll": "headstart.data.conll:READER",
        "token-table": "headstart.data.token_table:READER",
        "text-table": "headstart.data.text_table:READER",
        "image-table": "headstart.data.image_table:READER",
        "class-folder": "headstart.data.class_folder:READER",
        "text-folder": "headstart.data.class_folder:TEXTS",
    },
)
"""Asked in this order; the first that takes a source reads it."""

_DEFAULT = ReadOptions()


def read_dataset(source: Any = None, options: ReadOptions = _DEFAULT) -> Dataset:
    """Read a path, the id of a data set, data in memory, or the parts that the options name.

    A mapping from `train`, `val` and `test` to sources is read part by part. Raises `DataError` with all problems.
    """
    from headstart.data.reading import read

    return read(source, options)
