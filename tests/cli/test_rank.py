"""`headstart rank` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headstart.cli import main
from tests.worlds import write_network, write_world


def test_as_a_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_world(tmp_path / "data", train=6, test=2)
    networks = [str(write_network(tmp_path / "zoo" / name, seed=place)) for place, name in enumerate("ab")]
    given = ["rank", str(data), "--models", ",".join(networks), "--no-fine-tune", "--max-params", "50M", "--json"]
    assert main(given) == 0
    found = json.loads(capsys.readouterr().out)
    assert sorted(found["order"]) == sorted(networks)
    assert found["chosen"] == found["order"][0]


def test_a_folder_that_cannot_be_made_is_said_before_any_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file.png").touch()
    monkeypatch.setattr("headstart.pipeline.as_data", lambda *_, **__: pytest.fail("the data were read"))
    assert main(["rank", str(tmp_path), "-o", str(tmp_path / "file.png" / "x")]) == 2
    assert "file.png/x could not be made" in capsys.readouterr().err.replace("\\", "/")


def test_ctrl_c_says_what_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("headstart.ranking_cache.kept_ranking", interrupted)
    data = write_world(tmp_path / "data", train=6, test=2)
    assert main(["rank", str(data), "-o", str(tmp_path / "ranking")]) == 130
    assert capsys.readouterr().err.endswith("kept in the cache: the same command goes on from there.\n")
    assert not (tmp_path / "ranking").exists()


def test_everything_that_is_wrong_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["rank", str(tmp_path), "--max-params", "many", "--budget", "soon", "--items", "3"]
    assert main(given) == 2
    told = capsys.readouterr().err
    for name in ("--max-params many", "--budget soon", "--items 3"):
        assert name in told
