"""Decoded pictures: read once where there is room, again where there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from headstart.core.errors import DataError
from headstart.data.columns import ArrayColumn
from headstart.data.picture import PictureError
from headstart.train.kept_pictures import KeptPictures

PICTURES = np.arange(3 * 4, dtype=np.uint8).reshape(3, 2, 2)


@pytest.mark.parametrize(("share", "reads"), [(0.4, 3), (0.0, 6)])
def test_pictures_are_read_once_where_there_is_room(share: float, reads: int) -> None:
    read: list[int] = []

    def decode(raw: Any) -> Any:
        read.append(1)
        return raw

    kept = KeptPictures(ArrayColumn(PICTURES), decode, size=lambda pixels: pixels.nbytes, share=share)
    for index in (0, 1, 2, 0, 1, 2):
        assert np.array_equal(kept[index], PICTURES[index])
    assert len(read) == reads


def test_what_cannot_be_read_any_more_is_named() -> None:
    def decode(raw: Any) -> Any:
        raise PictureError("damaged", "damaged JPEG")

    kept = KeptPictures(ArrayColumn(PICTURES), decode, size=lambda pixels: 1, share=0.1)
    with pytest.raises(DataError, match="row 1 cannot be read: damaged JPEG"):
        kept[1]
