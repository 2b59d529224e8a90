"""The pictures of a training, decoded once and kept as long as there is room in memory."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar

from headstart.core.dataset import InputColumn
from headstart.core.errors import DataError
from headstart.data.decode import PictureError
from headstart.train.memory import free_memory

Decoded = TypeVar("Decoded")


class KeptPictures(Generic[Decoded]):
    """What `decode` makes of stored pictures, in at most `share` of the memory that is free; threads may share it."""

    def __init__(
        self,
        inputs: InputColumn,
        decode: Callable[[Any], Decoded],
        *,
        size: Callable[[Decoded], int],
        share: float,
    ) -> None:
        """`size` tells the bytes of one."""
        self._inputs, self._decode, self._size = inputs, decode, size
        self._kept: dict[int, Decoded] = {}
        self._room = int(share * free_memory())
        self._lock = Lock()

    def __getitem__(self, index: int) -> Decoded:
        """The picture in this place. Raises `DataError` naming one that cannot be read any more."""
        kept = self._kept.get(index)
        if kept is not None:
            return kept
        try:
            decoded = self._decode(self._inputs.read(index))
        except (PictureError, OSError) as error:
            raise DataError(
                f"{self._inputs.name(index)} cannot be read: {error}.",
                hint="It was readable when the data were scanned: put it back, or load the data again.",
            ) from error
        size = self._size(decoded)
        with self._lock:
            if size <= self._room and index not in self._kept:
                self._room -= size
                self._kept[index] = decoded
        return decoded
