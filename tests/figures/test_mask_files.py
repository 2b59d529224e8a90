from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from headstart.core.errors import RunError
from headstart.core.prediction import Prediction
from headstart.data.mask_folder import READER
from headstart.data.reader import ReadOptions
from headstart.figures.mask_files import MaskFiles, colours, mask_bytes
from tests.data.mask_files import picture, save


def test_the_colours_are_those_of_voc_and_all_different() -> None:
    assert colours(4).tolist() == [[0, 0, 0], [128, 0, 0], [0, 128, 0], [128, 128, 0]]
    assert colours(21)[20].tolist() == [0, 64, 128]
    assert len({tuple(one) for one in colours(256).tolist()}) == 256


def test_numbers_and_colours() -> None:
    mask = np.array([[0, 2], [1, 20]], np.int16)
    image = Image.open(io.BytesIO(mask_bytes(mask, classes=21)))
    assert image.mode == "P"
    assert np.asarray(image).tolist() == mask.tolist()
    assert image.convert("RGB").getpixel((1, 1)) == (0, 64, 128)


def test_more_classes_than_a_palette_has() -> None:
    image = Image.open(io.BytesIO(mask_bytes(np.array([[300]], np.int16), classes=301)))
    assert np.asarray(image).tolist() == [[300]]


def test_names(tmp_path: Path) -> None:
    files = MaskFiles(tmp_path / "out", ("a", "b"))
    mask = np.zeros((2, 2), np.int16)
    items = ["x.jpg", "in/x.jpg", "../up.png", "/abs/y.jpg", "x.png", "row 3"]
    found = [files.write(Prediction(item, mask=mask)) for item in items]
    shown = [path.relative_to(tmp_path / "out").as_posix() for path in found if path is not None]
    assert shown == ["x.png", "in/x.png", "up.png", "abs/y.png", "x-2.png", "row 3.png"]
    assert files.write(Prediction("z.jpg", problem="broken")) is None


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be made"):
        MaskFiles(tmp_path / "file" / "out", ("a",))


def test_what_is_written_can_be_read_as_data(tmp_path: Path) -> None:
    mask = np.array([[0, 1, 1], [1, 0, 2]], np.int16)
    labels = ("sky, blue", "road", "car")
    files = MaskFiles(tmp_path / "masks", labels)
    for name in ("a", "b"):
        save(tmp_path / "images" / f"{name}.png", picture(size=(3, 2)))
        files.write(Prediction(f"{name}.png", mask=mask))
    (tmp_path / "masks" / "classes.csv").rename(tmp_path / "classes.csv")
    dataset = READER.read(tmp_path, ReadOptions())
    assert dataset.labels == labels
    assert (dataset.targets[0].pixels() == mask).all()
