"""`headstart inspect` as a person meets it."""

from __future__ import annotations

import json
from pathlib import Path

from headstart.core.ledger import Ledger
from headstart.core.profile import Profile
from tests.cli.command import called, headstart
from tests.worlds import write_world


def test_it_shows_and_writes_what_is_there(tmp_path: Path) -> None:
    data = write_world(tmp_path / "data")
    (data / "train" / "cross" / "empty.jpg").write_bytes(b"")
    shown = headstart("inspect", str(data), "-o", "out", folder=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "54 pictures, 3 classes, one label a picture" in shown.stdout
    assert "1 picture cannot be read and is left out: zero bytes (1)." in shown.stdout
    assert "train/cross/empty.jpg" in shown.stdout
    profile = Profile.read(tmp_path / "out" / "profile.json")
    assert (profile.items, profile.unreadable) == (54, {"zero bytes": 1})
    ledger = Ledger.read(tmp_path / "out" / "ledger.json")
    assert ledger.count("skipped") == 1


def test_json_is_the_profile_and_a_short_ledger(tmp_path: Path) -> None:
    data = write_world(tmp_path / "data", test=0)
    for number in range(12):
        (data / "cross" / f"{number}.jpg").write_bytes(b"")
    shown = called("inspect", str(data), "--json", folder=tmp_path)
    assert shown.returncode == 0, shown.stderr
    answer = json.loads(shown.stdout)
    (line,) = answer.pop("ledger")
    assert (line["action"], line["reason"], line["items"], len(line["examples"])) == ("skipped", "zero bytes", 12, 10)
    assert Profile.model_validate(answer).items == 36


def test_one_class_is_described_rather_than_refused(tmp_path: Path) -> None:
    data = write_world(tmp_path / "data", test=0)
    for name in ("circle", "stripe"):
        for file in (data / name).iterdir():
            file.unlink()
        (data / name).rmdir()
    shown = called("inspect", str(data), folder=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "There is only one class, 'cross'" in shown.stdout


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    shown = called("inspect", "nowhere", folder=tmp_path)
    assert shown.returncode == 2
    assert "nowhere" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_data_that_cannot_be_read_at_all_are_an_error(tmp_path: Path) -> None:
    for label in ("a", "b"):
        (tmp_path / "data" / label).mkdir(parents=True)
        (tmp_path / "data" / label / "x.jpg").write_bytes(b"no picture")
    shown = called("inspect", "data", folder=tmp_path)
    assert shown.returncode == 2
    assert "starts with plain text" in shown.stderr
    assert "Traceback" not in shown.stderr
