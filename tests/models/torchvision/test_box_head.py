"""The heads of torchvision's detectors: their own losses and boxes, learnt by heart, and the same again once saved."""

from __future__ import annotations

import pytest
import torch

from headstart.models.backbone import Features
from headstart.models.torchvision.box_head import LEAST_SCORE, OneStageHead, is_class_layer
from tests.models.detector_samples import (
    SIDE,
    STRIDES,
    Levels,
    fresh_after_taking,
    learnt,
    pictures,
    share_found,
    small_detector,
)

KINDS = ("fcos", "retinanet", "ssd")


def head_of(kind: str, labels: int = 2) -> OneStageHead:
    return OneStageHead(small_detector(kind, classes=labels + int(kind == "ssd")), stride=STRIDES[0])


@pytest.mark.parametrize(("kind", "steps", "rate"), [("fcos", 60, 3e-3), ("retinanet", 60, 2e-3), ("ssd", 100, 5e-3)])
def test_eight_pictures_are_learnt_by_heart(kind: str, steps: int, rate: float) -> None:
    body = Levels()
    answers, targets = learnt(body, head_of(kind), lambda inputs: body(inputs).values(), steps=steps, rate=rate)
    assert share_found(answers, targets) > 0.9
    for answer in answers:
        assert (answer.scores[:-1] >= answer.scores[1:]).all()
        assert set(answer.labels.tolist()) <= {0, 1}


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_what_it_says_is_what_the_whole_detector_says(kind: str) -> None:
    whole = small_detector(kind, classes=3).eval()
    whole.score_thresh = LEAST_SCORE
    whole.transform.image_mean, whole.transform.image_std = [0.0] * 3, [1.0] * 3
    whole.transform.min_size, whole.transform.max_size = (SIDE,), SIDE
    for name, value in whole.state_dict().items():
        if is_class_layer(name):
            value.add_(torch.randn(value.shape, generator=torch.Generator().manual_seed(1)))
    inputs, targets = pictures(2)
    theirs, maps = whole(list(inputs)), whole.backbone(inputs)
    wanted = [{"boxes": one.xyxy, "labels": one.labels + int(kind == "ssd")} for one in targets]
    loss = torch.stack(list(whole.train()(list(inputs), wanted).values())).sum()
    outputs = OneStageHead(whole.eval(), stride=STRIDES[0])(Features(maps=tuple(maps.values())))
    torch.testing.assert_close(outputs.loss(targets), loss)
    for found, one in zip(outputs.found(), theirs, strict=True):
        assert len(found.boxes) > 1
        torch.testing.assert_close(found.boxes, one["boxes"])
        assert torch.equal(found.labels, one["labels"] - int(kind == "ssd"))
        torch.testing.assert_close(found.scores, one["scores"])


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_names_the_classes_is_fresh(kind: str) -> None:
    assert fresh_after_taking(head_of(kind, labels=4), head_of(kind, labels=2))


def test_a_picture_without_objects_has_a_loss() -> None:
    inputs, targets = pictures(2)
    empty = [one._replace(ignored=torch.ones_like(one.ignored)) for one in targets]
    for kind in KINDS:
        loss = head_of(kind)(Features(maps=tuple(Levels()(inputs).values()))).loss([empty[0], targets[1]])
        loss.backward()  # type: ignore[no-untyped-call]
        assert torch.isfinite(loss)


def test_the_last_layer_of_a_block_of_ssdlite_is_all_that_names_classes() -> None:
    assert is_class_layer("head.classification_head.module_list.5.1.weight")
    assert not is_class_layer("head.classification_head.module_list.5.0.1.weight")
    assert not is_class_layer("head.regression_head.module_list.5.1.weight")
