from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from headstart.core.dataset import Part
from headstart.core.errors import DataError
from headstart.core.targets import IGNORED
from headstart.data.mask_folder import READER
from headstart.data.reader import ReadOptions
from headstart.data.reading import choose_reader
from headstart.loading import load_data
from tests.data.mask_files import numbers, picture, save, write_pairs
from tests.data.pictures import names_of, reasons, write_pictures

DEFAULT = ReadOptions()


def test_a_folder_of_pairs(tmp_path: Path) -> None:
    write_pairs(tmp_path, "a", "b", "c")
    (tmp_path / "classes.txt").write_text("sky\nroad\ncar\n")
    assert choose_reader(tmp_path, DEFAULT)[0] is READER
    dataset = READER.read(tmp_path, DEFAULT)
    assert dataset.task == "semantic-segmentation"
    assert dataset.labels == ("sky", "road", "car")
    assert names_of(dataset) == ["images/a.png", "images/b.png", "images/c.png"]
    assert set(dataset.parts) == {Part.UNASSIGNED}
    assert (dataset.targets[1].pixels() == numbers([0, 1, 2])).all()


def test_a_split_and_its_one_list(tmp_path: Path) -> None:
    for word in ("train", "val"):
        write_pairs(tmp_path / word, "a", "b", values=(0, 1))
    (tmp_path / "classes.txt").write_text("sky\nroad\n")
    dataset = READER.read(tmp_path, DEFAULT)
    assert dataset.given_parts == ("train", "val")
    assert READER.read(tmp_path / "train", DEFAULT).labels == ("sky", "road")


def test_parts_from_places_of_their_own_are_joined_by_name(tmp_path: Path) -> None:
    write_pairs(tmp_path / "one", "a", values=(0, 1))
    write_pairs(tmp_path / "two", "b", values=(0, 1))
    (tmp_path / "one" / "classes.txt").write_text("sky\nroad\n")
    (tmp_path / "two" / "classes.txt").write_text("road\nsky\n")
    data = load_data(None, options=ReadOptions(train=str(tmp_path / "one"), test=str(tmp_path / "two")))
    assert data.dataset.labels == ("road", "sky") or data.dataset.labels == ("sky", "road")
    first, second = (data.dataset.targets[row].pixels()[0, 0] for row in (0, 1))
    assert [data.dataset.labels[first], data.dataset.labels[second]] == ["sky", "road"]


def test_all_problems_at_once(tmp_path: Path) -> None:
    write_pairs(tmp_path, "a", "b", "c", "d", "e", values=(0, 1, 7))
    (tmp_path / "classes.txt").write_text("sky\nroad\n")
    save(tmp_path / "masks" / "b.png", numbers([0, 1], (5, 5)))
    (tmp_path / "masks" / "c.png").unlink()
    (tmp_path / "images" / "d.png").unlink()
    (tmp_path / "masks" / "e.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    with pytest.raises(DataError) as caught:
        READER.read(tmp_path, DEFAULT)
    text = str(caught.value)
    assert "value 7 in 1 mask" in text
    assert "images/c.png" in text
    assert "masks/d.png" in text
    assert "another size than the picture: 5 x 5 and 12 x 8 (masks/b.png)" in text
    assert "cannot be read: damaged PNG" in text
    assert "--ignore-index 7" in caught.value.hint


def test_a_few_pairs_that_cannot_be_used_are_left_out(tmp_path: Path) -> None:
    write_pairs(tmp_path, *"abcdefg")
    save(tmp_path / "masks" / "b.png", numbers([0, 1], (5, 5)))
    (tmp_path / "masks" / "c.png").unlink()
    (tmp_path / "notes").mkdir()
    dataset = READER.read(tmp_path, DEFAULT)
    assert len(dataset) == 5
    found = reasons(dataset.ledger)
    assert found["skipped: a picture without a mask"] == ("images/c.png",)
    assert found["skipped: the mask has another size than the picture: 5 x 5 and 12 x 8"] == ("masks/b.png",)
    assert "skipped: a folder that holds neither pictures nor masks of the data" in found


def test_nothing_that_can_be_used(tmp_path: Path) -> None:
    write_pairs(tmp_path, "a")
    (tmp_path / "masks" / "a.png").write_text("x")
    with pytest.raises(DataError, match="no pair"):
        READER.read(tmp_path, DEFAULT)
    with pytest.raises(DataError, match="no folders of pictures and masks"):
        READER.read(tmp_path / "images", DEFAULT)


@pytest.mark.parametrize(("stored", "note"), [(False, "noted: "), (True, "repaired: ")])
def test_a_picture_turned_by_exif(tmp_path: Path, stored: bool, note: str) -> None:
    """The mask may have been drawn on what people saw, or on what is stored: its size tells."""
    write_pairs(tmp_path, "b", "c")
    exif = Image.Exif()
    exif[0x0112] = 6
    save(tmp_path / "images" / "a.jpg", picture(), exif=exif)
    pixels = np.zeros((8, 12), np.uint8)
    pixels[0, :] = 1
    save(tmp_path / "masks" / "a.png", pixels if stored else np.rot90(pixels, -1))
    data = load_data(tmp_path)
    mask = data.dataset.targets[names_of(data.dataset).index("images/a.jpg")]
    assert mask.pixels().shape == (12, 8)
    assert (mask.pixels()[:, -1] == 1).all()
    assert any(key.startswith(note) for key in reasons(data.ledger))


def test_a_mask_that_fits_both_ways_is_of_the_upright_picture(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    save(tmp_path / "images" / "a.jpg", picture(), exif=exif)
    save(tmp_path / "masks" / "a.png", numbers([0, 1, 1, 0, 1]))
    dataset = READER.read(tmp_path, DEFAULT)
    assert (dataset.targets[0].pixels() == numbers([0, 1, 1, 0, 1])).all()
    assert any("taken to be of the upright picture" in key for key in reasons(dataset.ledger))


def test_class_folders_are_left_to_their_reader(tmp_path: Path) -> None:
    write_pictures(tmp_path, "images/a.jpg", "labels/b.jpg")
    assert READER.sniff(tmp_path) is None


def test_the_profile_tells_the_shares_of_pixels(tmp_path: Path) -> None:
    write_pairs(tmp_path, "a", "b", values=(0, 1, 255, 255))
    profile = load_data(tmp_path).profile
    assert profile.masks is not None
    assert profile.masks.pixels == (48, 48)
    assert profile.masks.ignored == 96
    assert json.loads(profile.model_dump_json())["masks"] == {"pixels": [48, 48], "ignored": 96}


def test_camvid(shared_data: Path) -> None:
    with pytest.raises(DataError, match="value 11 in 101 masks") as caught:
        READER.read(shared_data / "camvid" / "val", DEFAULT)
    assert "--ignore-index 11" in caught.value.hint
    dataset = READER.read(shared_data / "camvid" / "val", ReadOptions(ignore_index=(11,)))
    assert len(dataset) == 101
    assert dataset.labels[3] == "Road"
    assert IGNORED in dataset.targets[0].pixels()
