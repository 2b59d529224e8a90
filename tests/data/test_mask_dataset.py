from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.dataset import Part
from headstart.core.errors import DataError
from headstart.data.mask_classes import ClassList
from headstart.data.mask_dataset import TASK, dataset_of_pairs
from headstart.data.mask_pairs import Pairs
from headstart.data.reader import ReadOptions
from tests.data.mask_files import write_pairs
from tests.data.pictures import names_of, reasons


def pairs(*names: str, words: tuple[str, ...] = (), lacking: int = 0) -> Pairs:
    images, masks = ([f"{folder}/{name}.png" for name in names] for folder in ("images", "masks"))
    return Pairs(list(words) or [""] * len(names), images, masks, lacking=lacking)


def test_pairs_become_a_data_set(tmp_path: Path) -> None:
    write_pairs(tmp_path, "a", "b")
    dataset = dataset_of_pairs(tmp_path, pairs("b", "a", words=("train", "test")), None, ReadOptions())
    assert (dataset.task, dataset.labels) == (TASK, ("0", "1", "2"))
    assert names_of(dataset) == ["images/b.png", "images/a.png"]
    assert dataset.parts.tolist() == [Part.TRAIN, Part.TEST]
    assert dataset.given_parts == ("train", "test")


def test_masks_that_are_gone_are_left_out_unless_that_is_half(tmp_path: Path) -> None:
    write_pairs(tmp_path, "a", "b", "c")
    dataset = dataset_of_pairs(tmp_path, pairs("a", "b", "c", "gone"), None, ReadOptions())
    assert len(dataset) == 3
    assert any("cannot be read: no such file" in reason for reason in reasons(dataset.ledger))
    with pytest.raises(DataError, match="no such file"):
        dataset_of_pairs(tmp_path, pairs("a", "gone"), None, ReadOptions())


def test_values_outside_the_list_and_what_is_lacking_in_one_error(tmp_path: Path) -> None:
    write_pairs(tmp_path, "a", values=(0, 1, 9))
    classes = ClassList(("x", "y"), (0, 1), None, "classes.txt")
    with pytest.raises(DataError) as caught:
        dataset_of_pairs(tmp_path, pairs("a", "gone"), classes, ReadOptions())
    assert len(caught.value.problems) == 2
    assert "value 9" in caught.value.problems[0]
