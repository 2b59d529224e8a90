from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from headstart.data.looking import look_at
from headstart.data.mask_checks import CHECK, OTHER_SIZE
from headstart.data.mask_folder import READER
from headstart.data.reader import ReadOptions
from tests.data.mask_files import numbers, picture, save, write_pairs
from tests.data.pictures import names_of, reasons


def test_masks_that_fit_stay_as_they_are(tmp_path: Path) -> None:
    write_pairs(tmp_path, "a", "b", values=(0, 1, 255))
    dataset, facts = look_at(READER.read(tmp_path, ReadOptions()))
    assert CHECK.check(dataset, facts) == (dataset, facts)
    masks = CHECK.described(dataset, facts)["masks"]
    assert (masks.pixels, masks.ignored, masks.all_pixels) == ((64, 64), 64, 192)


def test_a_picture_that_changed_after_it_was_read_is_left_out(tmp_path: Path) -> None:
    write_pairs(tmp_path, "a", "b", "c")
    dataset = READER.read(tmp_path, ReadOptions())
    save(tmp_path / "images" / "b.png", picture(size=(5, 5)))
    checked, facts = look_at(dataset)
    assert names_of(checked) == ["images/a.png", "images/c.png"]
    assert len(facts) == 2
    assert reasons(checked.ledger)[f"skipped: {OTHER_SIZE}"] == ("images/b.png",)


def test_turned_masks_are_compared_as_they_will_be(tmp_path: Path) -> None:
    write_pairs(tmp_path, "a")
    dataset, facts = look_at(READER.read(tmp_path, ReadOptions()))
    targets = dataset.targets.copy()
    targets[0] = replace(targets[0], orientation=6)
    assert np.array_equal(targets[0].pixels().shape, (12, 8))
    assert numbers([0]).shape == (8, 12)
    assert len(CHECK.check(replace(dataset, targets=targets), facts)[0]) == 0
