"""Three tiny networks on disk and one that is broken, for what ranks them, and a data set to rank them on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.worlds import write_network, write_world


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither how long an item takes nor how much a training gains is what is tested here."""
    monkeypatch.setattr("headstart.scoring.LATENCY_SECONDS", 0.01)
    monkeypatch.setattr("headstart.methods.lp_ft.epochs_for", lambda *_, **__: 2)
    from headstart import racing

    monkeypatch.setattr(racing, "LAPS", racing.LAPS[:2])
    monkeypatch.setattr("headstart.ranking.LEAST_JUDGED", 0)


@pytest.fixture
def world(tmp_path: Path) -> Path:
    return write_world(tmp_path / "data", train=10, test=4)


@pytest.fixture
def zoo(tmp_path: Path) -> Path:
    """Three networks that can be loaded, two of one size, and one that cannot."""
    folder = tmp_path / "zoo"
    write_network(folder / "first", seed=0)
    write_network(folder / "second", seed=1)
    write_network(folder / "vit", name="test_vit", seed=0)
    (folder / "broken").mkdir()
    (folder / "broken" / "config.json").write_text(json.dumps({"architecture": "test_resnet"}))
    return folder
