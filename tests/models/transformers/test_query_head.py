"""Heads of transformers' detectors: the library's own loss and boxes, learnt by heart, whatever was computed before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from headstart import models
from headstart.core.errors import ModelError
from headstart.models.backbone import Backbone, Features
from headstart.models.networks.detector import DetectorHead
from headstart.models.transformers.query_head import CHOOSING
from tests.models.detector_samples import SIDE, learnt, pictures, share_found, transformers_detector_folder


def loaded(folder: Path, kind: str, labels: int = 2, **changes: Any) -> tuple[Backbone, DetectorHead]:
    backbone = models.load(str(transformers_detector_folder(folder / kind, kind, **changes)))
    head = backbone.own_head(labels)
    assert head is not None
    return backbone, head


def maps_of(backbone: Backbone, inputs: Tensor) -> tuple[Tensor, ...]:
    maps = backbone.forward_maps(inputs).maps
    assert maps is not None
    return maps


# DETR is known for needing hundreds of epochs. It is quick where it is wide, has as many queries as there are objects,
# and nothing counts as much as something. Conditional DETR finds less with half and with twice the rate.
DETR = {"decoder_layers": 1, "num_queries": 2, "d_model": 128, "decoder_ffn_dim": 128, "eos_coefficient": 1.0}


@pytest.mark.parametrize(
    ("kind", "changes", "steps", "rate"),
    [
        ("rt_detr", {"decoder_layers": 1, "num_queries": 8}, 140, 5e-3),
        ("rt_detr_v2", {"num_queries": 8}, 300, 5e-3),  # the library cannot build it with one layer
        ("deformable_detr", {"num_queries": 8}, 200, 5e-3),
        ("d_fine", {"num_queries": 8}, 250, 1e-2),
        ("detr", DETR, 320, 2e-3),
        ("conditional_detr", DETR, 400, 1.5e-3),
    ],
)
def test_eight_pictures_are_learnt_by_heart(
    kind: str, changes: dict[str, Any], steps: int, rate: float, tmp_path: Path
) -> None:
    backbone, head = loaded(tmp_path, kind, **changes)
    answers, targets = learnt(backbone, head, lambda inputs: maps_of(backbone, inputs), steps=steps, rate=rate)
    assert share_found(answers, targets) > 0.8


@pytest.mark.parametrize("kind", ["detr", "conditional_detr", "deformable_detr", "rt_detr", "rt_detr_v2", "d_fine"])
def test_what_it_says_is_what_the_whole_detector_says(kind: str, tmp_path: Path) -> None:
    from transformers import AutoModelForObjectDetection

    folder = transformers_detector_folder(tmp_path / kind, kind, labels=2)
    backbone = models.load(str(folder))
    head = backbone.own_head(2)
    assert head is not None
    settings: Any = {"num_denoising": 0, "anchor_image_size": None}
    whole: Any = AutoModelForObjectDetection.from_pretrained(folder, **(settings if kind in CHOOSING else {}))
    weights = {name.removeprefix("network."): value for name, value in whole.state_dict().items()}
    head.load_state_dict({name: weights[name.removeprefix("network.")] for name in head.state_dict()})
    inputs, targets = pictures(2)
    scale = torch.tensor([SIDE] * 4)
    wanted = []
    for one in targets:
        middle, size = (one.xyxy[:, :2] + one.xyxy[:, 2:]) / 2, one.xyxy[:, 2:] - one.xyxy[:, :2]
        wanted.append({"class_labels": one.labels, "boxes": torch.cat([middle, size], 1) / scale})
    with torch.no_grad():
        outputs = head.eval()(Features(maps=maps_of(backbone.eval(), inputs)))
        theirs = whole.eval()(pixel_values=inputs, labels=wanted)
    torch.testing.assert_close(outputs.loss(targets), theirs.loss)
    torch.testing.assert_close(outputs.values["said"]["logits"], theirs.logits)
    best = outputs.found()[0]
    assert best.boxes.shape == (len(best.scores), 4) == (len(best.labels), 4)
    if theirs.logits.shape[-1] == 3:
        torch.testing.assert_close(best.scores, theirs.logits.softmax(-1)[0, :, :2].max(-1).values)
    else:
        torch.testing.assert_close(best.scores[0], theirs.logits[0].sigmoid().max())


def test_what_was_made_in_inference_mode_does_not_stop_a_training(tmp_path: Path) -> None:
    backbone, head = loaded(tmp_path, "rt_detr")
    inputs, targets = pictures(2)
    with torch.inference_mode():
        found = head.eval()(Features(maps=maps_of(backbone, inputs))).found()
    assert len(found) == 2
    head.train()(Features(maps=maps_of(backbone, inputs))).loss(targets).backward()


def test_a_picture_with_fewer_cells_than_queries_is_refused(tmp_path: Path) -> None:
    _, head = loaded(tmp_path, "rt_detr")
    with pytest.raises(ModelError, match="looks for 12 objects"):
        head(Features(maps=(torch.zeros(1, 16, 2, 2), torch.zeros(1, 16, 1, 1), torch.zeros(1, 16, 1, 1))))


def test_only_what_names_the_classes_is_fresh(tmp_path: Path) -> None:
    backbone, head = loaded(tmp_path, "rt_detr", labels=3)
    other = backbone.own_head(7)
    assert other is not None
    ours, theirs = head.state_dict(), other.state_dict()
    fresh = {name for name in ours if head.names_classes(name)}
    assert fresh == {name for name in ours if ours[name].shape != theirs[name].shape}
    assert len(fresh) == 6
    assert all(torch.equal(ours[name], theirs[name]) for name in ours.keys() - fresh)
