"""`headstart demo`: the table that it ends with."""

from __future__ import annotations

import re
from pathlib import Path

import headstart as hs
from tests.cli.command import called, headstart


def test_the_table_the_gain_and_the_run_are_printed(tmp_path: Path) -> None:
    ended = headstart("demo", "--seeds", "1", "--per-class", "3", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    said = ended.stderr.splitlines()
    assert said[0].startswith("30 handwritten digits")
    assert [line.split(":")[0] for line in said[1:]] == ["draw 1 of 1"] * 3  # a line an arm, and none an epoch
    reached = dict(re.findall(r"^(transfer|linear probe|from scratch) +([\d.]+) %", ended.stdout, re.MULTILINE))
    assert set(reached) == {"transfer", "linear probe", "from scratch"}
    assert min(map(float, reached.values())) > 15
    assert "points over training from scratch" in ended.stdout
    assert "--seeds" in ended.stdout  # one draw is not all that can be had
    run = hs.load(tmp_path / ended.stdout.rsplit("Saved run: ", 1)[1].strip())
    assert run.record.plan.strategy.method == "full"
    assert run.record.items == {"train": 30, "validation": 0, "test": 1000}


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "headstart-demo").mkdir()
    (tmp_path / "headstart-demo" / "mine.txt").write_text("mine")
    ended = called("demo", folder=tmp_path)
    assert ended.returncode == 2
    assert "not empty" in ended.stderr
    assert [path.name for path in (tmp_path / "headstart-demo").iterdir()] == ["mine.txt"]
