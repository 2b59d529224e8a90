"""`headstart demo`: the table that it ends with."""

from __future__ import annotations

from pathlib import Path

from tests.cli.command import called, headstart


def test_the_table_the_gain_and_the_run_are_printed(tmp_path: Path) -> None:
    ended = headstart("demo", "--seeds", "1", "--per-class", "2", "--quiet", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    for said in ("transfer", "linear probe", "from scratch", "points over training from scratch", "Saved run: "):
        assert said in ended.stdout
    assert "--seeds" in ended.stdout  # one draw is not all that can be had
    assert (tmp_path / ended.stdout.rsplit("Saved run: ", 1)[1].strip() / "weights.safetensors").is_file()


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "headstart-demo").mkdir()
    (tmp_path / "headstart-demo" / "mine.txt").write_text("mine")
    ended = called("demo", folder=tmp_path)
    assert ended.returncode == 2
    assert "not empty" in ended.stderr
    assert [path.name for path in (tmp_path / "headstart-demo").iterdir()] == ["mine.txt"]
