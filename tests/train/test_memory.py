from __future__ import annotations

from pathlib import Path

import pytest

from headstart.train import memory


def test_some_memory_is_free_and_less_than_a_petabyte() -> None:
    assert 2**20 < memory.free_memory() < 2**50


def test_the_limit_of_a_container_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("400\n")
    monkeypatch.setattr(memory, "CONTROL_GROUP", tmp_path)
    assert memory.free_memory() == 600
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.free_memory() > 600
