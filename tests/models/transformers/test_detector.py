"""Detectors of transformers as backbones: told by their config, maps of their own, and a run that is saved."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

import headstart as hs
from headstart import models
from headstart.core.options import StrategyOptions
from headstart.models.networks.frozen_norms import frozen_norms
from headstart.models.transformers.detector import detector_class, settled
from tests.models.detector_samples import transformers_detector_folder
from tests.models.samples import change_json
from tests.test_detection import written

ANSWER = """
import sys
import headstart as hs
for run in sys.argv[2:]:
    print([answer.findings for answer in hs.load(run).predict(sys.argv[1], threshold=0.0)])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return transformers_detector_folder(tmp_path_factory.mktemp("detector") / "model", "rt_detr")


def test_a_detector_is_known_by_its_class() -> None:
    assert detector_class({"model_type": "rt_detr", "architectures": ["RTDetrForObjectDetection"]})
    assert detector_class({"model_type": "rt_detr", "architectures": ["RTDetrModel"]}) == ""
    assert detector_class({"model_type": "yolos", "architectures": ["YolosForObjectDetection"]}) == "", "no maps"
    assert detector_class({"model_type": "resnet", "architectures": None}) == ""


def test_sizes_are_computed_and_no_queries_are_made_of_objects() -> None:
    assert settled({"num_denoising": 100, "eval_size": [640, 640], "d_model": 8}) == {
        "num_denoising": 0,
        "eval_size": None,
        "d_model": 8,
    }


@torch.no_grad()
def test_a_detector_is_a_backbone_with_maps(folder: Path) -> None:
    backbone = models.load(str(folder))
    card = backbone.card
    assert card == models.card(str(folder))
    assert card.gives == ("pooled", "boxes", "gradient")
    assert card.parameters == sum(parameter.numel() for parameter in backbone.parameters())
    assert (backbone.map_channels, backbone.map_strides) == ((16, 16, 16), (8, 16, 32))
    inputs = torch.randn(2, 3, 64, 96)
    maps, pooled = backbone.forward_maps(inputs).maps, backbone(inputs).pooled
    assert maps is not None
    assert pooled is not None
    assert [one.shape[1:] for one in maps] == [(16, 8, 12), (16, 4, 6), (16, 2, 3)]
    torch.testing.assert_close(pooled, torch.cat([one.mean((2, 3)) for one in maps], 1))
    assert backbone.width == pooled.shape[1] == 48
    names = [name for group in backbone.layer_groups() for name in group]
    assert names == [name for name, _ in backbone.named_parameters()]
    again = backbone.new_like()
    again.load_state_dict(backbone.state_dict())
    assert torch.equal(again.eval()(inputs).pooled, pooled)  # type: ignore[arg-type]


def test_weights_of_another_network_are_refused(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    change_json(tmp_path / "config.json", decoder_layers=3)
    with pytest.raises(hs.HeadstartError, match="lack parts"):
        models.load(str(tmp_path))


def fitted(folder: Path, data: hs.Data, output: Path, strategy: str) -> hs.Run:
    settings = StrategyOptions(augmentation="none", epochs=1)
    options = hs.FitOptions(
        model=str(folder), strategy=strategy, image_size=64, validation=0, device="cpu", settings=settings
    )
    return hs.fit(data, output=output, options=options)


def test_runs_say_the_same_again_and_hand_their_heads_on(folder: Path, tmp_path: Path) -> None:
    """Batch norms are frozen in the one and trained in the other; the runs know that, in another process too."""
    data, said = hs.load_data(written(tmp_path / "scenes", train=4, test=2)), []
    for strategy in ("lp-ft", "scratch"):
        run = fitted(folder, data, tmp_path / strategy, strategy)
        again = hs.load(tmp_path / strategy)
        before: Any = run.predict(tmp_path / "scenes" / "test", threshold=0.0)
        after: Any = again.predict(tmp_path / "scenes" / "test", threshold=0.0)
        assert len(before[0].findings) > 10
        assert [answer.findings for answer in before] == [answer.findings for answer in after]
        said.append(repr([answer.findings for answer in before]))
        network = models.load(str(tmp_path / strategy))
        assert bool(frozen_norms(network)) == (strategy == "lp-ft")
        handed, taught = network.own_head(3), run.trained.heads[0].state_dict()
        assert handed is not None
        kept = {name: value for name, value in handed.state_dict().items() if not handed.names_classes(name)}
        assert all(torch.equal(value, taught[name]) for name, value in kept.items())
        fresh = models.load(str(tmp_path / strategy), pretrained=False)
        assert frozen_norms(fresh) == [], "a network that starts anew has nothing to keep"
    assert said[0] != said[1]
    runs = [str(tmp_path / strategy) for strategy in ("lp-ft", "scratch")]
    ended = subprocess.run(
        [sys.executable, "-c", ANSWER, str(tmp_path / "scenes" / "test"), *runs],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.splitlines() == said
