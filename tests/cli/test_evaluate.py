"""`headstart evaluate`: the file that it writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.evaluation import Evaluation
from tests.cli.command import headstart


@pytest.mark.usefixtures("run")
def test_the_numbers_are_written_and_shown(tmp_path: Path) -> None:
    ended = headstart("evaluate", "run", "data", "--part", "train", "-o", "numbers.json", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    written = Evaluation.read(tmp_path / "numbers.json")
    assert (written.part, written.items) == ("train", 36)
    assert f"{written.metrics['accuracy']:.4f}" in ended.stdout
