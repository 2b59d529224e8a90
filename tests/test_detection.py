"""Object detection from end to end, with networks and pictures as small as they come."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import headstart as hs
from headstart import models
from headstart.core.errors import OptionError
from headstart.core.options import StrategyOptions
from headstart.data.scenes import SceneOptions, make_scenes
from headstart.data.scenes_as_coco import write_coco
from tests.cli.command import called

SCENES = SceneOptions(size=(64, 64), objects=(1, 2), side=(24, 34))
MODEL = "starter/tiny-resnet"


def written(folder: Path, *, train: int = 8, test: int = 4) -> Path:
    parts = {
        "train": make_scenes(train, seed=0, options=SCENES),
        "test": make_scenes(test, seed=0, test=True, options=SCENES),
    }
    return write_coco(folder, parts)


def options(strategy: str, epochs: int, **more: object) -> hs.FitOptions:
    settings = StrategyOptions(augmentation="none", epochs=epochs, **more)  # type: ignore[arg-type]
    return hs.FitOptions(model=MODEL, strategy=strategy, image_size=64, validation=0, device="cpu", settings=settings)


def test_eight_pictures_can_be_learnt_by_heart(tmp_path: Path) -> None:
    data = hs.load_data(written(tmp_path / "scenes"))
    run = hs.fit(data, output=tmp_path / "run", options=options("full", 45, learning_rate=3e-3))
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
