"""Cards that are kept while the files of their model are the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart import models
from headstart.core.errors import ModelError
from headstart.models.cards import remembered as module
from headstart.models.cards.remembered import remembered
from tests.worlds import write_network


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []

    def card(model: str) -> object:
        found.append(model)
        return models.card(model)

    monkeypatch.setattr(module, "card", card)
    return found


def test_a_card_is_looked_up_once(tmp_path: Path, looked_up: list[str]) -> None:
    folder = str(write_network(tmp_path / "network"))
    assert remembered(folder) == models.card(folder)
    assert remembered(folder) == models.card(folder)
    assert looked_up == [folder]


def test_other_files_are_another_card(tmp_path: Path, looked_up: list[str]) -> None:
    folder = write_network(tmp_path / "network")
    first = remembered(str(folder))
    write_network(folder, name="test_vit", seed=3)
    second = remembered(str(folder))
    assert first.width != second.width or first.parameters != second.parameters
    assert second == models.card(str(folder))
    assert len(looked_up) == 2


def test_a_damaged_card_is_looked_up_again(tmp_path: Path, own_cache: Path, looked_up: list[str]) -> None:
    folder = str(write_network(tmp_path / "network"))
    first = remembered(folder)
    (kept,) = (own_cache / "cards").iterdir()
    kept.write_text("{")
    assert remembered(folder) == first
    assert len(looked_up) == 2


def test_a_failure_is_not_kept(tmp_path: Path, own_cache: Path) -> None:
    (tmp_path / "network").mkdir()
    with pytest.raises(ModelError):
        remembered(str(tmp_path / "network"))
    assert not (own_cache / "cards").exists()


def test_a_cache_that_cannot_be_written_is_only_slower(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looked_up: list[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "file" / "cache"))
    folder = str(write_network(tmp_path / "network"))
    assert remembered(folder) == remembered(folder)
    assert len(looked_up) == 2
