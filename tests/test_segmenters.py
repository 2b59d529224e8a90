"""Masks from beginning to end: learnt, saved, loaded in another process, the same masks, and files of them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import headstart as hs
from headstart.comparing import speed
from headstart.core.options import FitOptions, StrategyOptions
from headstart.core.ranking import RankOptions
from headstart.core.verdict import Verdict, VerdictOptions
from tests.cli.command import called
from tests.data.mask_files import save
from tests.models.samples import settle, timm_folder, torchvision_folder
from tests.worlds import write_network

ANSWER = """
import hashlib, sys
import headstart as hs
for answer in hs.load(sys.argv[1]).predict(sys.argv[2:]):
    print(hashlib.sha256(answer.mask.tobytes()).hexdigest())
"""
PACE = 0.02
"""Seconds an item, by which the arms of a verdict have the same few steps on every machine."""
CLASSES = ("ground", "red", "blue")


def write_scenes(root: Path, **parts: int) -> Path:
    """Dark noise with a red and a blue rectangle; the border of the red one belongs to no class."""
    random = np.random.default_rng(0)
    for word, count in parts.items():
        for number in range(count):
            picture = random.integers(0, 60, (48, 64, 3)).astype(np.uint8)
            mask = np.zeros((48, 64), np.uint8)
            for label, (left, channel) in enumerate(((2, 0), (34, 2)), 1):
                top, left = int(random.integers(2, 22)), left + int(random.integers(0, 4))
                picture[top : top + 22, left : left + 22, channel] += 160
                mask[top : top + 22, left : left + 22] = label
                if label == 1:
                    mask[top, left : left + 22] = 255
            save(root / word / "images" / f"{number}.png", picture)
            save(root / word / "masks" / f"{number}.png", mask)
    (root / "classes.txt").write_text("\n".join(CLASSES))
    return root


def options(strategy: str = "full", epochs: int = 25, rate: float = 5e-3, **changes: object) -> FitOptions:
    settings = StrategyOptions(epochs=epochs, augmentation="none", early_stopping=False, learning_rate=rate)
    given = {"model": "starter/tiny-resnet", "strategy": strategy, "settings": settings, **changes}
    return FitOptions.model_validate(given)


def segformer(folder: Path) -> Path:
    """A segmenter of attention, as small as it comes."""
    from transformers import SegformerConfig, SegformerForSemanticSegmentation

    torch.manual_seed(0)
    stages = {"depths": [1, 1, 1, 1], "hidden_sizes": [8, 8, 16, 16], "num_attention_heads": [1, 1, 2, 2]}
    SegformerForSemanticSegmentation(SegformerConfig(**stages, decoder_hidden_size=24)).save_pretrained(folder)
    return folder


def mobilenet(folder: Path) -> Path:
    """A DeepLab of transformers."""
    from transformers import MobileNetV2Config, MobileNetV2ForSemanticSegmentation

    torch.manual_seed(0)
    config = MobileNetV2Config(depth_multiplier=0.25, output_stride=16)
    settle(MobileNetV2ForSemanticSegmentation(config), size=64).save_pretrained(folder)
    return folder


@pytest.mark.parametrize(
    ("make", "strategy", "epochs", "rate", "least"),
    [
        (lambda folder: "starter/tiny-resnet", "full", 25, 5e-3, 0.9),
        (lambda folder: timm_folder(folder, "test_efficientnet"), "scratch", 25, 5e-3, 0.9),
        (lambda folder: torchvision_folder(folder, "deeplabv3_mobilenet_v3_large"), "full", 8, 1e-2, 0.8),
        (segformer, "full", 18, 1e-2, 0.8),
        (mobilenet, "full", 14, 5e-3, 0.8),
    ],
    ids=["starter", "timm", "deeplab of torchvision", "segformer", "deeplab of transformers"],
)
def test_eight_pictures_are_learnt_by_heart(
    make: Callable[[Path], object], strategy: str, epochs: int, rate: float, least: float, tmp_path: Path
) -> None:
    data = write_scenes(tmp_path / "data", train=8, test=2)
    chosen = options(strategy, epochs, rate, model=str(make(tmp_path / "model")))
    run = hs.fit(data, output=tmp_path / "run", options=chosen)
    assert run.evaluate(data / "train").metrics["mean_iou"] > least
    assert run.record.plan.input.size == (64, 64)


def test_the_same_masks_in_another_process_and_as_files(tmp_path: Path) -> None:
    data = write_scenes(tmp_path / "data", train=8, val=2, test=3)
    run = hs.fit(data, output=tmp_path / "run", options=options("linear-probe", epochs=3))
    pictures = [str(data / "test" / "images" / f"{number}.png") for number in range(3)]
    ended = subprocess.run(
        [sys.executable, "-c", ANSWER, str(run.folder), *pictures], capture_output=True, text=True, check=True
    )
    ours = [hashlib.sha256(answer.mask.tobytes()).hexdigest() for answer in run.predict(pictures)]
    assert ended.stdout.split() == ours
    assert hs.load(run.folder).evaluate(data).metrics == pytest.approx(run.metrics, abs=1e-6)

    result = called("predict", str(run.folder), *pictures, "--masks", str(tmp_path / "masks"), "--json")
    assert result.returncode == 0
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert sum(one["share"] for one in lines[0]["classes"]) == pytest.approx(1)
    assert (tmp_path / "masks" / "classes.csv").read_text().splitlines()[1] == "ground,0,0,0"
    written = sorted((tmp_path / "masks").rglob("*.png"))
    for path, answer in zip(written, run.predict(pictures), strict=True):
        assert np.array_equal(np.asarray(Image.open(path)), answer.mask)


def test_the_evaluation_has_a_row_for_each_class(tmp_path: Path) -> None:
    data = write_scenes(tmp_path / "data", train=8, test=3)
    run = hs.fit(data, output=tmp_path / "run", options=options("linear-probe", epochs=2))
    assert run.record.test is not None
    assert [row.label for row in run.record.test.per_class] == list(CLASSES)
    assert set(run.record.test.intervals) == {"mean_iou", "pixel_accuracy", "mean_class_accuracy"}
    assert run.record.test.metrics.keys() == run.record.test.intervals.keys()


def test_models_are_ranked_by_their_pixels(brief: None, tmp_path: Path, zoo: Path) -> None:
    data = write_scenes(tmp_path / "data", train=10, test=2)
    found = hs.rank(data, options=RankOptions(models=(str(zoo / "first"), str(zoo / "second")), image_size=64))
    assert len(found.rows) == 2
    assert all(row.probe.value > 0.4 for row in found.rows)


def test_a_verdict_on_masks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "training_seconds", lambda *_, **__: PACE)
    data = write_scenes(tmp_path / "data", train=8, test=4)
    model = str(write_network(tmp_path / "model"))
    asked = VerdictOptions(model=model, image_size=64, repeats=2, curve=False, budget=2.0, device="cpu")
    found = hs.verdict(data, output=tmp_path / "verdict", options=asked)
    assert found.metric == "mean IoU a picture"
    assert found.metric in found.sentence
    assert (found.labels, found.items, found.held_out) == (8, 4, "test")
    assert {arm.name for arm in found.arms} == {"transfer", "scratch", "random-weights", "linear-probe"}
    for arm in found.arms:
        assert len(arm.values) == 2
        assert all(0 < value <= 1 for value in arm.values), "some pixels of the ground are right, whatever is said"
    assert found.arm("scratch").facts.trained_parameters == found.arm("transfer").facts.parameters
    assert Verdict.read(tmp_path / "verdict" / "verdict.json").decision == found.decision
