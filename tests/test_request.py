"""What was asked for, and whether it is asked for again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from headstart.core.dataset import Dataset, Part
from headstart.core.errors import DataError, OptionError, RunError
from headstart.core.options import FitOptions, StrategyOptions
from headstart.core.pretraining import PretrainOptions
from headstart.core.verdict import VerdictOptions
from headstart.data.columns import ArrayColumn
from headstart.data.reader import ReadOptions
from headstart.request import Request, absolute, order_digest, request_for
from tests.worlds import write_network

READ = ReadOptions()
OPTIONS = FitOptions(model="starter/tiny-resnet", seed=3, settings=StrategyOptions(epochs=4))


def items(count: int = 6) -> Dataset:
    pictures = [np.full((2, 2), number, np.uint8) for number in range(count)]
    return Dataset(
        task="image-classification",
        labels=("a", "b"),
        inputs=ArrayColumn(pictures),
        targets=np.arange(count, dtype=np.int32) % 2,
        parts=np.full(count, Part.UNASSIGNED, np.int8),
        source="somewhere",
        content=np.arange(16 * count, dtype=np.uint8).reshape(count, 16),
    )


def asked(source: object = "someone/birds", reading: ReadOptions = READ) -> Request:
    return request_for("fit", source, reading=reading, options=OPTIONS, dataset=items())


def test_paths_are_kept_absolute_and_ids_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("photos").mkdir()
    assert asked("photos").source == asked(Path("photos")).source == str(tmp_path / "photos")
    assert asked().source == "someone/birds"
    assert absolute(ReadOptions(train="photos", test="elsewhere/test")).train == str(tmp_path / "photos")
    parts = asked(None, ReadOptions(train="photos"))
    assert (parts.source, parts.reading.train) == (None, str(tmp_path / "photos"))


def test_it_is_read_back_and_says_how_to_go_on(tmp_path: Path) -> None:
    asked().write(tmp_path / "request.json")
    request = Request.read(tmp_path / "request.json")
    assert request == asked()
    assert FitOptions.model_validate(request.options) == OPTIONS
    assert request.how_to_resume(Path("runs/my birds")) == "headstart fit --resume 'runs/my birds'"
    again = asked(([], [])).how_to_resume(Path("run"))
    assert again == "headstart.fit(data, output='run', resume=True)"


def test_what_is_not_given_again_is_as_it_was() -> None:
    asked().check_same(None, reading=READ, options=FitOptions())
    asked().check_same("someone/birds", reading=READ, options=OPTIONS)


def test_whatever_differs_is_named_at_once() -> None:
    options = FitOptions(seed=4, validation=0.3, settings=StrategyOptions(epochs=9, learning_rate=0.1))
    with pytest.raises(OptionError) as caught:
        asked().check_same(
            "someone/cats", reading=ReadOptions(label="kind", validation=str(Path.cwd() / "tests")), options=options
        )
    assert caught.value.problems[1:] == (
        "The data were someone/birds and are someone/cats now.",
        f"--val was None and is {Path.cwd() / 'tests'} now.",
        "--label-column was None and is kind now.",
        "--seed was 3 and is 4 now.",
        "--validation-share was 0.2 and is 0.3 now.",
        "--learning-rate was None and is 0.1 now.",
        "--epochs was 4 and is 9 now.",
    )


def test_some_options_may_be_changed() -> None:
    request = request_for("pretrain", "x/y", reading=READ, options=PretrainOptions(max_minutes=5.0), dataset=items())
    changed = PretrainOptions(max_minutes=1.0)
    request.check_same(None, reading=READ, options=changed, changeable=("max_minutes",))
    with pytest.raises(OptionError, match=r"--max-minutes was 5\.0 and is 1\.0 now"):
        request.check_same(None, reading=READ, options=changed)


def test_other_versions_are_said(tmp_path: Path) -> None:
    request = asked()
    assert request.versions.keys() == {"headstart", "torch"}
    assert request.other_versions() == ""
    older = request.model_copy(update={"versions": {**request.versions, "torch": "1.0"}})
    assert older.other_versions() == (
        f"This run was begun with torch 1.0 and goes on with torch {request.versions['torch']}: "
        "its weights may differ from those of one that was never interrupted."
    )
    content = request.to_json()
    del content["versions"]
    (tmp_path / "request.json").write_text(json.dumps(content))
    assert Request.read(tmp_path / "request.json").other_versions() == ""


def test_data_in_memory_have_to_be_given_again() -> None:
    pair = ([1], [2])
    assert asked(pair).data_source(pair) is pair
    with pytest.raises(RunError, match="were in memory"):
        asked(pair).data_source(None)
    assert asked("someone/birds").data_source(None) == "someone/birds"
    assert asked("someone/birds").data_source(pair) is pair


def test_other_data_are_refused_and_so_is_another_order() -> None:
    request, same = asked(), items()
    request.check_data(same)
    with pytest.raises(DataError, match="have changed since"):
        request.check_data(items(4))
    with pytest.raises(DataError, match="have changed since"):
        request.check_data(replace(same, targets=1 - same.targets))
    with pytest.raises(DataError, match="another order"):
        request.check_data(same.take(np.arange(6)[::-1]))
    with pytest.raises(DataError, match="other parts"):
        request.check_data(replace(same, parts=np.full(6, Part.TRAIN, np.int8)))
    with pytest.raises(ValueError, match="content hashes"):
        order_digest(replace(same, content=None))


def test_a_model_in_a_folder_is_found_from_another_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_network(tmp_path / "network")
    monkeypatch.chdir(tmp_path)
    options = FitOptions(model="./network")
    request = request_for("fit", "x/y", reading=READ, options=options, dataset=items())
    assert request.located("./network") == "./network"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert request.located("./network") == str(tmp_path / "network")
    assert request.located("starter/tiny-resnet") == "starter/tiny-resnet"
    assert asked().located("starter/tiny-resnet") == "starter/tiny-resnet"


def test_further_models_are_found_from_another_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("network", "other", "elsewhere"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    options = VerdictOptions(model="starter/tiny-resnet", models=("./other", "timm/other"))
    request = request_for("verdict", "x/y", reading=READ, options=options, dataset=items())
    assert request.located("./other") == "./other"
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert request.located("./other") == str(tmp_path / "other")
    assert request.located("timm/other") == "timm/other"
    assert request.located("./network") == "./network"  # of which nothing was said
    assert request.located("starter/tiny-resnet") == "starter/tiny-resnet"
