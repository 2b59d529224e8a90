"""The pace of the chosen model."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.comparing import speed
from headstart.comparing.running import entries_of
from headstart.core.options import FitOptions
from headstart.core.verdict import VerdictOptions
from headstart.loading import load_data, split
from tests.worlds import write_network, write_world


def test_seconds_grow_with_the_items_and_the_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "training_seconds", lambda *_, **__: 0.3)
    network = write_network(tmp_path / "network")
    dataset = split(load_data(write_world(tmp_path / "data", train=10, test=4)), FitOptions())
    pace = speed.measure(dataset, entries_of(VerdictOptions(model=str(network))))
    assert pace.item == 0.3
    assert pace.overhead == pytest.approx(pace.load + 42 * 0.1)
    # 30 pictures in batches of 16 are two steps an epoch, and training from scratch takes 100 epochs of them
    assert pace.scratch == pytest.approx(200 * 16 * 0.3)
