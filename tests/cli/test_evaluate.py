"""`headstart evaluate`: the file that it writes."""

from __future__ import annotations

from pathlib import Path

import headstart as hs
from headstart.core.evaluation import Evaluation
from tests.cli.command import headstart
from tests.worlds import write_network, write_world


def test_the_numbers_are_written_and_shown(tmp_path: Path) -> None:
    options = hs.FitOptions(model=str(write_network(tmp_path / "network")), strategy="linear-probe")
    hs.fit(write_world(tmp_path / "data"), output=tmp_path / "run", options=options)
    ended = headstart("evaluate", "run", "data", "--part", "train", "-o", "numbers.json", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    written = Evaluation.read(tmp_path / "numbers.json")
    assert (written.part, written.items) == ("train", 36)
    assert f"{written.metrics['accuracy']:.4f}" in ended.stdout
