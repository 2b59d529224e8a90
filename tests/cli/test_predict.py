"""`headstart predict` with inputs that cannot be read, and with texts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from headstart.core.prediction import Prediction
from tests.cli.command import called, headstart
from tests.encoders import sentences, write_encoder, write_table


@pytest.mark.usefixtures("run")
def test_a_line_says_why_and_the_command_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    good = next((tmp_path / "data" / "test" / "cross").iterdir())
    ended = headstart("predict", "run", "broken.png", str(good), "--json", "--top", "2", folder=tmp_path)
    assert ended.returncode == 1, ended.stderr
    first, second = map(json.loads, ended.stdout.splitlines())
    assert first.keys() == {"item", "problem"}
    assert len(second["top"]) == 2
    assert "Traceback" not in ended.stderr


@pytest.mark.usefixtures("run")
def test_no_more_columns_than_there_are_labels(tmp_path: Path) -> None:
    ended = called("predict", "run", "data", "--top", "99", folder=tmp_path)
    head, first = ended.stdout.splitlines()[:2]
    labels = len(json.loads((tmp_path / "run" / "model.json").read_text())["labels"])
    assert head.split(",")[-2:] == [f"probability_{labels}", "problem"]
    assert first.count(",") == head.count(",")


@pytest.mark.usefixtures("run")
def test_ctrl_c_says_that_nothing_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> Iterator[Prediction]:
        yield Prediction(item="one.png", label="cross", probability=1.0)
        raise KeyboardInterrupt

    monkeypatch.setattr("headstart.pipeline.predict", interrupted)
    ended = called("predict", "run", "data", "-o", "answers.csv", folder=tmp_path)
    assert ended.returncode == 130
    assert ended.stderr.endswith("Interrupted. Nothing was written to answers.csv.\n")
    assert not (tmp_path / "answers.csv").exists()


def test_texts_from_inspect_to_predict(tmp_path: Path) -> None:
    texts, labels = sentences(40)
    write_table(tmp_path / "reviews.csv", texts, labels)
    write_encoder(tmp_path / "encoder")
    looked = called("inspect", "reviews.csv", "--json", folder=tmp_path)
    assert json.loads(looked.stdout)["texts"]["words"]["smallest"] >= 2, looked.stderr
    arguments = ("fit", "reviews.csv", "-m", "./encoder", "-s", "linear-probe", "-o", "run", "--json")
    fitted = called(*arguments, folder=tmp_path)
    assert fitted.returncode == 0, fitted.stderr
    (tmp_path / "more.csv").write_text("text\na great film\n")
    (tmp_path / "one.txt").write_text(" ")
    ended = called("predict", "run", "a good film", "more.csv", "one.txt", "--json", folder=tmp_path)
    assert ended.returncode == 1, ended.stderr
    answers = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [answer["item"] for answer in answers] == ["a good film", "row 1", "one.txt"]
    assert answers[0]["label"] in ("good", "bad")
    assert answers[2]["problem"] == "an empty text"
    measured = called("evaluate", "run", "reviews.csv", "--json", folder=tmp_path)
    assert json.loads(measured.stdout)["items"] == 40, measured.stderr
