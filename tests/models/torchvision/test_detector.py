"""Detectors of torchvision: what the registry says, what is taken apart, and a run from pictures to a saved model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.models import get_model
from torchvision.models.detection import FasterRCNN

import headstart as hs
from headstart import models
from headstart.core.options import StrategyOptions
from headstart.models.sources.from_torchvision import SOURCE
from headstart.models.torchvision.detector import EPSILON, detectors, facts_of_detector, head_weights, renamed
from headstart.models.torchvision.network import classes_of, create, create_pretrained, laid_out, split
from headstart.models.torchvision.recipe import registered
from headstart.models.torchvision.two_stage_head import TwoStageHead
from headstart.tasks.object_detection import ObjectDetection
from tests.models.torchvision.test_network import described
from tests.test_detection import written

LITE, RETINA, TWO_STAGES = (
    "ssdlite320_mobilenet_v3_large",
    "retinanet_resnet50_fpn",
    "fasterrcnn_mobilenet_v3_large_fpn",
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights of the smallest detector, for five classes and the background."""
    torch.manual_seed(0)
    network = get_model(LITE, weights=None, weights_backbone=None, num_classes=6)
    path = tmp_path_factory.mktemp("weights") / "weights.pth"
    torch.save(network.state_dict(), path)
    return path


def test_what_the_registry_says_is_on_the_card() -> None:
    card = SOURCE.card(LITE, offline=True, pretrained=False)
    assert (card.id, card.pretrained_on, card.licence) == (f"torchvision/{LITE}:COCO_V1", "COCO", "BSD-3-Clause")
    assert card.gives == ("pooled", "gradient", "boxes")
    assert len(card.source_labels) == 80
    assert "mAP 21.3 % on COCO" in card.note
    assert "rectified" not in card.note
    assert registered(TWO_STAGES).labels == card.source_labels


@pytest.mark.parametrize("name", [name for name in detectors() if not name.startswith(("mask", "keypoint"))])
def test_pictures_are_prepared_as_the_library_prepares_them(name: str) -> None:
    transform, facts = laid_out(described(name)).transform, facts_of_detector(name)
    assert (list(facts.mean), list(facts.std)) == (transform.image_mean, transform.image_std)  # type: ignore[union-attr]
    assert facts.size[0] == (transform.fixed_size or transform.min_size)[0]  # type: ignore[union-attr, index]


@torch.no_grad()
def test_a_detector_is_a_backbone_with_maps_and_a_head(file: Path) -> None:
    backbone = models.load(f"torchvision/{LITE}:{file}")
    assert backbone.card == models.card(backbone.card.id)
    assert backbone.map_strides[:3] == (16, 32, 64)
    inputs = torch.randn(2, 3, 96, 64)
    maps, pooled = backbone.forward_maps(inputs).maps, backbone(inputs).pooled
    assert maps is not None
    assert pooled is not None
    assert [one.shape[1] for one in maps] == list(backbone.map_channels)
    assert pooled.shape == (2, sum(backbone.map_channels)) == (2, backbone.width)
    names = [name for group in backbone.layer_groups() for name in group]
    assert names == [name for name, _ in backbone.named_parameters()]
    assert len(backbone.layer_groups()) > 10
    head = ObjectDetection().head(backbone, 3)
    state, own = head.state_dict(), torch.load(file)
    kept = {name: value for name, value in state.items() if not head.names_classes(name)}  # type: ignore[operator]
    assert len(kept) > 50
    assert all(torch.equal(value, own[name.removeprefix("network.")]) for name, value in kept.items())
    fresh = backbone.new_like().own_head(3)
    assert fresh is not None
    assert not torch.equal(next(fresh.parameters()), next(head.parameters())), "nothing to start from"
    backbone.card = backbone.card.model_copy(update={"gives": ("pooled", "gradient")})
    assert backbone.own_head(3) is None, "a run of another task has left it behind"


@torch.no_grad()
def test_of_two_stages_both_are_taken() -> None:
    network = create(described(TWO_STAGES), classes=3)
    assert isinstance(network, FasterRCNN)
    backbone = SOURCE.build(described(TWO_STAGES), SOURCE.card(TWO_STAGES, offline=True, pretrained=False))
    assert set(backbone.map_channels) == {256}
    assert "boxes" in backbone.card.gives
    head = ObjectDetection().head(backbone, 3).eval()
    assert isinstance(head, TwoStageHead)
    found = head(backbone.forward_maps(torch.randn(2, 3, 96, 64))).found()
    assert [one.boxes.shape[1] for one in found] == [4, 4]
    backbone.take_own_head(head_weights(network))
    handed = backbone.own_head(5)
    assert handed is not None
    first, learnt = handed.state_dict(), network.state_dict()
    assert first["network.roi_heads.box_predictor.cls_score.weight"].shape[0] == 6
    assert torch.equal(first["network.roi_heads.box_head.fc6.weight"], learnt["roi_heads.box_head.fc6.weight"])


def test_layers_by_their_old_names_and_norms_without_epsilon(tmp_path: Path) -> None:
    network = laid_out(described(RETINA), classes=7)
    norms = {module.eps for module in network.modules() if isinstance(module, nn.BatchNorm2d)}
    assert norms == {EPSILON}
    known = network.state_dict()
    old = {
        "backbone.fpn.inner_blocks.1.weight": "backbone.fpn.inner_blocks.1.0.weight",
        "head.classification_head.conv.6.bias": "head.classification_head.conv.3.0.bias",
        "head.regression_head.conv.0.weight": "head.regression_head.conv.0.0.weight",
        "backbone.body.conv1.weight": "backbone.body.conv1.weight",
    }
    assert {name: renamed(name, known) for name in old} == old
    assert set(old.values()) <= known.keys()
    assert classes_of({name: tuple(value.shape) for name, value in known.items()}, described(RETINA), model="m") == 7
    first = renamed("rpn.head.conv.weight", laid_out(described(TWO_STAGES)).state_dict())
    assert first == "rpn.head.conv.0.0.weight"


def test_a_run_of_a_detector_says_the_same_again_and_hands_its_head_on(file: Path, tmp_path: Path) -> None:
    data = hs.load_data(written(tmp_path / "scenes", train=4, test=2))
    settings = StrategyOptions(augmentation="none", epochs=1)
    options = hs.FitOptions(
        model=f"torchvision/{LITE}:{file}",
        strategy="lp-ft",
        image_size=64,
        validation=0,
        device="cpu",
        settings=settings,
    )
    run = hs.fit(data, output=tmp_path / "run", options=options)
    again = hs.load(tmp_path / "run")
    before: Any = run.predict(tmp_path / "scenes" / "test", threshold=0.0)
    after: Any = again.predict(tmp_path / "scenes" / "test", threshold=0.0)
    assert [answer.findings for answer in before] == [answer.findings for answer in after]
    handed = models.load(str(tmp_path / "run")).own_head(3)
    assert handed is not None
    taught = run.trained.heads[0].state_dict()
    assert all(
        np.array_equal(value, taught[name])
        for name, value in handed.state_dict().items()
        if not handed.names_classes(name)
    )


def test_two_stages_learn_within_a_budget_and_say_the_same_again(tmp_path: Path) -> None:
    data = hs.load_data(written(tmp_path / "scenes", train=4, test=2))
    options = hs.FitOptions(
        model=f"torchvision/{TWO_STAGES}", strategy="scratch", image_size=64, validation=0, device="cpu", budget=2.0
    )
    run = hs.fit(data, output=tmp_path / "run", options=options)
    assert run.record.plan.strategy.steps is not None, "a trial step ran through both stages"
    before: Any = run.predict(tmp_path / "scenes" / "test", threshold=0.0)
    after: Any = hs.load(tmp_path / "run").predict(tmp_path / "scenes" / "test", threshold=0.0)
    assert [answer.findings for answer in before] == [answer.findings for answer in after]


def test_a_file_is_checked_as_a_whole(file: Path) -> None:
    network = create_pretrained(described(LITE), file, model="m")
    assert split(network)[1] is None
