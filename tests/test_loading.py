"""A source of data -> a data set that was looked at once, and its parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headstart.core.dataset import Part
from headstart.core.errors import DataError
from headstart.core.options import FitOptions
from headstart.loading import as_data, inspect, load_data, split
from tests.worlds import write_world


def test_what_is_loaded_is_not_loaded_again(tmp_path: Path) -> None:
    data = load_data(write_world(tmp_path / "data", train=4, test=0))
    assert as_data(data) is data
    assert len(data) == 12
    assert data.profile == inspect(data)
    assert data.ledger == data.dataset.ledger


def test_a_source_of_which_nothing_can_be_read_is_an_error(tmp_path: Path) -> None:
    for kind in "ab":
        (tmp_path / "data" / kind).mkdir(parents=True)
        (tmp_path / "data" / kind / "broken.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match="holds no picture that can be read"):
        load_data(tmp_path / "data")


def test_a_split_stays_when_data_are_added(tmp_path: Path) -> None:
    folder = write_world(tmp_path / "data", train=10, test=0)
    before = split(load_data(folder), FitOptions())
    placed = {before.inputs.name(place): before.parts[place] for place in range(len(before))}
    write_world(tmp_path / "more", train=14, test=0)
    for picture in sorted((tmp_path / "more").rglob("train-01[0-3].png")):
        (folder / picture.parent.name / picture.name).write_bytes(picture.read_bytes())
    after = split(load_data(folder), FitOptions())
    assert len(after) > len(before)
    assert all(
        after.parts[place] == placed.get(after.inputs.name(place), after.parts[place]) for place in range(len(after))
    )
    assert set(np.unique(after.parts)) == {Part.TRAIN, Part.VALIDATION, Part.TEST}
