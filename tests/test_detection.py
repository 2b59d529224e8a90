"""Object detection from end to end, with networks and pictures as small as they come."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import headstart as hs
from headstart import models
from headstart.comparing import speed
from headstart.core.errors import OptionError
from headstart.core.options import StrategyOptions
from headstart.core.ranking import RankOptions
from headstart.core.verdict import Verdict, VerdictOptions
from headstart.data.scenes import SceneOptions, make_scenes
from headstart.data.scenes_as_coco import write_coco
from tests.cli.command import called
from tests.models.samples import timm_folder
from tests.worlds import write_network

SCENES = SceneOptions(size=(64, 64), objects=(1, 2), side=(24, 34))
MODEL = "starter/tiny-resnet"
PACE = 0.02
"""Seconds an item, by which the arms of a verdict have the same few steps on every machine."""


def written(folder: Path, *, train: int = 8, test: int = 4) -> Path:
    parts = {
        "train": make_scenes(train, seed=0, options=SCENES),
        "test": make_scenes(test, seed=0, test=True, options=SCENES),
    }
    return write_coco(folder, parts)


def options(strategy: str, epochs: int, *, model: str = MODEL, **more: object) -> hs.FitOptions:
    settings = StrategyOptions(augmentation="none", epochs=epochs, **more)  # type: ignore[arg-type]
    return hs.FitOptions(model=model, strategy=strategy, image_size=64, validation=0, device="cpu", settings=settings)


@pytest.mark.parametrize(
    ("make", "strategy", "epochs"),
    [
        (lambda folder: MODEL, "full", 45),
        (lambda folder: timm_folder(folder, "test_efficientnet"), "full", 25),
        (lambda folder: timm_folder(folder, "test_efficientnet"), "scratch", 40),
    ],
    ids=["starter", "timm", "timm from scratch"],
)
def test_eight_pictures_can_be_learnt_by_heart(
    make: Callable[[Path], object], strategy: str, epochs: int, tmp_path: Path
) -> None:
    data = hs.load_data(written(tmp_path / "scenes"))
    chosen = options(strategy, epochs, model=str(make(tmp_path / "model")), learning_rate=3e-3)
    run = hs.fit(data, output=tmp_path / "run", options=chosen)
    assert run.evaluate(data, part="train").metrics["mAP50"] > 0.9
    again = hs.load(tmp_path / "run")
    assert again.evaluate(data, part="test").metrics == pytest.approx(run.metrics, abs=1e-6), "after save and load"
    assert again.trained.record.labels == data.dataset.labels


def test_predictions_as_tables_drawings_and_coco_results(tmp_path: Path) -> None:
    data = hs.load_data(written(tmp_path / "scenes", train=4, test=2))
    run = hs.fit(data, output=tmp_path / "run", options=options("linear-probe", 2))
    before, after = models.load(MODEL).state_dict(), run.trained.networks[0].state_dict()
    assert all(np.array_equal(value.numpy(), after[name].cpu().numpy()) for name, value in before.items()), "frozen"
    more = ("--threshold", "0.05", "--draw", "drawn", "--coco", "coco.json", "-o", "found.csv")
    ended = called("predict", "run", "scenes/test", *more, folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert sorted(path.name for path in (tmp_path / "drawn").iterdir()) == ["001.png", "002.png"]
    head = (tmp_path / "found.csv").read_text().splitlines()[0]
    assert head == "item,label,score,left,top,right,bottom,problem"
    for record in json.loads((tmp_path / "coco.json").read_text()):
        assert 1 <= record["image_id"] <= 2
        assert all(0 <= edge <= 64 for edge in record["bbox"])
    with pytest.raises(OptionError, match="top"):
        run.predict(tmp_path / "scenes" / "test", top=2)


def test_models_are_ranked_by_their_boxes(brief: None, tmp_path: Path, zoo: Path) -> None:
    data = hs.load_data(written(tmp_path / "scenes", train=12, test=2))
    candidates = (str(zoo / "first"), str(zoo / "second"))
    found = hs.rank(data, output=tmp_path / "ranking", options=RankOptions(models=candidates, image_size=64))
    assert found.task == "object-detection"
    assert {row.id for row in found.rows} == set(candidates) == set(found.order)
    assert found.chosen in candidates
    for row in found.rows:
        assert row.probe.low <= row.probe.value <= row.probe.high
        assert 0 < row.probe.value <= 1
        assert "logme" in row.scores
    assert any("rests on features alone" in reason.why for reason in found.reasons)
    assert json.loads((tmp_path / "ranking" / "ranking.json").read_text())["chosen"] == found.chosen


def test_a_verdict_on_boxes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "training_seconds", lambda *_, **__: PACE)
    data = hs.load_data(written(tmp_path / "scenes", train=8, test=4))
    model = str(write_network(tmp_path / "model"))
    asked = VerdictOptions(model=model, image_size=64, repeats=2, curve=False, budget=2.0, device="cpu")
    found = hs.verdict(data, output=tmp_path / "verdict", options=asked)
    assert found.metric == "mAP50 a picture"
    assert found.metric in found.sentence
    assert (found.labels, found.items, found.held_out) == (8, 4, "test")
    assert {arm.name for arm in found.arms} == {"transfer", "scratch", "random-weights", "linear-probe"}
    for arm in found.arms:
        assert len(arm.values) == 2
        assert all(0 <= value <= 1 for value in arm.values)
    assert found.arm("scratch").facts.trained_parameters == found.arm("transfer").facts.parameters
    assert Verdict.read(tmp_path / "verdict" / "verdict.json").decision == found.decision
