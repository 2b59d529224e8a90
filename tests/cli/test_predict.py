"""`headstart predict` with inputs that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import headstart as hs
from tests.cli.command import headstart
from tests.worlds import write_network, write_world


def test_a_line_says_why_and_the_command_ends_with_1(tmp_path: Path) -> None:
    options = hs.FitOptions(model=str(write_network(tmp_path / "network")), strategy="linear-probe")
    hs.fit(write_world(tmp_path / "data"), output=tmp_path / "run", options=options)
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    good = next((tmp_path / "data" / "test" / "cross").iterdir())
    ended = headstart("predict", "run", "broken.png", str(good), "--json", "--top", "2", folder=tmp_path)
    assert ended.returncode == 1, ended.stderr
    first, second = map(json.loads, ended.stdout.splitlines())
    assert first.keys() == {"item", "problem"}
    assert len(second["top"]) == 2
    assert "Traceback" not in ended.stderr
