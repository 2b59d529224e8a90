"""What is done is not done again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headstart.comparing import cells as cells_module
from headstart.comparing.arm import Answer, Bout, Entry
from headstart.comparing.cells import Cell, Cells, Place, scores_of
from headstart.comparing.running import entries_of
from headstart.comparing.speed import Pace
from headstart.core.dataset import Part
from headstart.core.verdict import ArmFacts, VerdictOptions
from tests.comparing.verdicts import dataset


class Oracle:
    """Answers every item with the first label, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Entry, Bout]] = []

    def answer(self, entry: Entry, bout: Bout) -> Answer:
        self.asked.append((entry, bout))
        items = len(bout.dataset.indices(Part.TEST))
        facts = ArmFacts(model="m", method="x", pretrained=True, mirrored=False if entry.name == "transfer" else None)
        return Answer(np.tile(np.array([0.7, 0.1, 0.1, 0.1]), (items, 1)), facts)


@pytest.fixture
def oracle(monkeypatch: pytest.MonkeyPatch) -> Oracle:
    found = Oracle()
    table: dict[str, Any] = dict.fromkeys(("transfer", "scratch", "random-weights", "other-models"), found)
    monkeypatch.setattr(cells_module, "ARMS", table)
    return found


def cells_in(folder: Path) -> Cells:
    options = VerdictOptions(model="m", models=("./n",), seed=10)
    pace = Pace(item=0.5, load=0.25, overhead=1.0, scratch=5.0)
    return Cells(dataset(20, train=40), entries_of(options), pace, options, folder)


def test_a_cell_keeps_the_score_of_every_held_out_item(tmp_path: Path, oracle: Oracle) -> None:
    cells = cells_in(tmp_path / "cells")
    cell = cells.get(Place(arm="transfer", repeat=2, budget=3.0))
    assert cell.scores == (1.0, 0.0, 0.0, 0.0) * 5
    assert (cell.mean, cell.labels) == (0.25, 40)
    ((_, bout),) = oracle.asked
    assert (bout.seed, bout.budget, bout.pace, bout.load, bout.mirrored) == (12, 3.0, 0.5, 0.25, None)
    assert scores_of([cell, cell]).shape == (2, 20)


def test_what_is_there_is_read_and_not_done_again(tmp_path: Path, oracle: Oracle) -> None:
    place = Place(arm="scratch", repeat=0, budget=3.0)
    first = cells_in(tmp_path / "cells").get(place)
    again = cells_in(tmp_path / "cells")
    assert again.get(place) == first
    assert len(oracle.asked) == 1
    assert again.seconds == first.seconds


def test_what_transfer_found_out_reaches_the_arms_after_it(tmp_path: Path, oracle: Oracle) -> None:
    cells = cells_in(tmp_path / "cells")
    for name in ("transfer", "scratch"):
        cells.get(Place(arm=name, repeat=0, budget=3.0))
    assert [bout.mirrored for _, bout in oracle.asked] == [None, False]


def test_the_pace_of_one_model_is_not_that_of_another(tmp_path: Path, oracle: Oracle) -> None:
    cells_in(tmp_path / "cells").get(Place(arm="./n", repeat=0, budget=3.0))
    ((_, bout),) = oracle.asked
    assert bout.pace is None


def test_every_place_has_a_file_of_its_own() -> None:
    names = {
        Place(arm=arm, repeat=repeat, share=share, budget=1.0).name
        for arm in ("./net", "-/net", "timm/net", "x" * 300)
        for repeat in (0, 1)
        for share in (0.5, 1.0)
    }
    assert len(names) == 16
    assert all("/" not in name and len(name) < 100 for name in names)


def test_a_cell_survives_being_written_down(tmp_path: Path, oracle: Oracle) -> None:
    cell = cells_in(tmp_path / "cells").get(Place(arm="transfer", repeat=0, share=0.5, budget=1.0))
    (path,) = (tmp_path / "cells").iterdir()
    assert Cell.read(path) == cell
    assert cell.labels == 20
