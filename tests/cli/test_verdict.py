"""`headstart verdict` as a person meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headstart.cli import main
from headstart.comparing import speed
from headstart.demonstration import write_digits
from tests.cli.command import called, headstart
from tests.worlds import write_network, write_world

ENDED = ("Saved in", "with a picture")
PACE = 0.002
"""Seconds an item, by which training from scratch has the same few steps on every machine."""


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six labelled digits a class, and thirty that are held out."""
    folder = write_digits(tmp_path_factory.mktemp("data") / "digits", per_class=6, seed=0)
    for label in (folder / "test").iterdir():
        for spare in sorted(label.iterdir())[30:]:
            spare.unlink()
    return folder


def test_a_network_that_has_learnt_nothing_is_not_called_helpful(
    tmp_path: Path, digits: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed, "training_seconds", lambda *_, **__: PACE)
    network = write_network(tmp_path / "sham", seed=3)
    options = ("--strategy", "linear-probe", "--budget", "5", "--image-size", "32", "--no-curve", "--json")
    place = ("-o", str(tmp_path / "v"))
    assert main(["verdict", str(digits), "--model", str(network), *options, *place, "--check"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["decision"] != "helps"
    # its probe is no better than another random network's, but far better than training from scratch in that time
    assert answer["control"] == "random-weights"
    assert answer["means"]["transfer"] > answer["means"]["scratch"] + 0.1


def test_a_network_that_has_learnt_something_is(tmp_path: Path, digits: Path) -> None:
    options = ("--strategy", "linear-probe", "--budget", "5", "--image-size", "32", "--no-curve")
    ended = headstart(
        "verdict", str(digits), "-m", "starter/tiny-resnet", *options, "--check", "-o", "v", folder=tmp_path
    )
    assert ended.returncode == 0, ended.stderr
    # on a slow machine it begins with what was cut short: 'In the time that there was, ...'
    assert "starting from a pretrained network helps: it gets " in " ".join(ended.stdout.split()).lower()
    for word in (*ENDED, "of 100", "95 % interval", "random-weights", "What it rests on:"):
        assert word in ended.stdout
    files = {path.name for path in (tmp_path / "v").iterdir()}
    assert files == {"verdict.json", "verdict.png", "design.json", "cells", "split.parquet"}
    saved = json.loads((tmp_path / "v" / "verdict.json").read_text())
    assert saved["decision"] == "helps"
    assert saved["repeats"] >= 3
    assert len(list((tmp_path / "v" / "cells").iterdir())) == 3 * saved["repeats"]
    again = called("verdict", "--resume", "v", "--json", folder=tmp_path)
    assert again.returncode == 0
    assert {key: json.loads(again.stdout)[key] for key in saved} == saved


def test_all_of_auto_with_a_second_model_and_a_curve(tmp_path: Path) -> None:
    write_network(tmp_path / "one", seed=7)
    write_network(tmp_path / "two", seed=8)
    data = write_world(tmp_path / "data", train=6, test=4)
    arguments = ("--model", "./one", "--models", "./two", "--budget", "8s", "--repeats", "2", "--curve", "--json")
    ended = called("verdict", str(data), *arguments, folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    answer = json.loads(ended.stdout)
    assert {"decision", "gain", "sentence", "arms", "seconds_saved", "labels_saved", "doubled"} <= answer.keys()
    assert list(answer["means"]) == ["transfer", "scratch", "random-weights", "linear-probe", "./two"]
    assert answer["folder"] == str(Path("runs", "data-verdict-1"))
    assert Path(tmp_path, answer["figure"]).is_file()
    curves = {arm["name"] for arm in answer["arms"] if arm["curve"]}
    assert curves == {"transfer", answer["control"]} or len(curves) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--budget", "soon"], "--budget soon"),
        (["--strategy", "scratch"], "starts from nothing"),
        (["--repeats", "1"], "--repeats"),
        (["--margin", "200"], "--margin"),
        (["--test-share", "0"], "held-out items"),
    ],
)
def test_a_mistake_gives_a_sentence_and_leaves_nothing(tmp_path: Path, arguments: list[str], said: str) -> None:
    data, network = write_world(tmp_path / "data", train=4, test=0), write_network(tmp_path / "network")
    ended = called("verdict", str(data), "--model", str(network), *arguments, "-o", "v", folder=tmp_path)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "v" / "verdict.json").exists()
