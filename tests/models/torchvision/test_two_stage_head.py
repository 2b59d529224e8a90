"""The heads of detectors of two stages in torchvision: own loss and boxes, learnt by heart, the same as a whole."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torchvision.models import get_model

from headstart.models.backbone import Features
from headstart.models.torchvision.box_head import LEAST_SCORE
from headstart.models.torchvision.two_stage_head import TwoStageHead
from headstart.train.workers import can_share
from tests.models.detector_samples import (
    SIDE,
    STRIDES,
    WithCoarsest,
    fresh_after_taking,
    learnt,
    pictures,
    share_found,
    small_detector,
)


def head_of(labels: int = 2) -> TwoStageHead:
    return TwoStageHead(small_detector("faster_rcnn", classes=labels + 1), stride=STRIDES[0])


def test_eight_pictures_are_learnt_by_heart() -> None:
    torch.manual_seed(0)
    body = WithCoarsest()
    answers, targets = learnt(body, head_of(), lambda inputs: body(inputs).values(), steps=140, rate=4e-3)
    assert share_found(answers, targets) > 0.9
    for answer in answers:
        assert (answer.scores[:-1] >= answer.scores[1:]).all()
        assert set(answer.labels.tolist()) <= {0, 1}


def test_what_it_says_is_what_the_whole_detector_says() -> None:
    whole: Any = small_detector("faster_rcnn", classes=3).eval()
    whole.roi_heads.score_thresh = LEAST_SCORE
    whole.transform.image_mean, whole.transform.image_std = [0.0] * 3, [1.0] * 3
    whole.transform.min_size, whole.transform.max_size = (SIDE,), SIDE
    whole.transform.torch_choice = min  # the library draws a size in training, even out of one
    inputs, targets = pictures(2)
    with torch.no_grad():
        theirs, maps = whole(list(inputs)), whole.backbone(inputs)
    wanted = [{"boxes": one.xyxy, "labels": one.labels + 1} for one in targets]
    torch.manual_seed(1)
    losses = torch.stack(list(whole.train()(list(inputs), wanted).values()))
    head = TwoStageHead(whole, stride=STRIDES[0])
    torch.manual_seed(1)
    torch.testing.assert_close(head.train()(Features(maps=tuple(maps.values()))).loss(targets), losses.sum())
    with torch.no_grad():
        found = head.eval()(Features(maps=tuple(maps.values()))).found()
    for ours, one in zip(found, theirs, strict=True):
        assert len(ours.boxes) > 1
        torch.testing.assert_close(ours.boxes, one["boxes"])
        assert torch.equal(ours.labels, one["labels"] - 1)
        torch.testing.assert_close(ours.scores, one["scores"])


def test_only_what_names_the_classes_is_fresh() -> None:
    assert len(fresh_after_taking(head_of(labels=4), head_of(labels=2))) == 4


def test_a_picture_without_objects_has_a_loss() -> None:
    inputs, targets = pictures(2)
    empty = [one._replace(ignored=torch.ones_like(one.ignored)) for one in targets]
    loss = head_of()(Features(maps=tuple(WithCoarsest()(inputs).values()))).loss([empty[0], targets[1]])
    loss.backward()  # type: ignore[no-untyped-call]
    assert torch.isfinite(loss)


@pytest.mark.parametrize("name", ["maskrcnn_resnet50_fpn", "keypointrcnn_resnet50_fpn"])
def test_what_finds_masks_and_keypoints_is_left_out(name: str) -> None:
    with torch.device("meta"):
        head = TwoStageHead(get_model(name, weights=None, weights_backbone=None), stride=4)
    parts = {key.split(".")[1] for key in head.state_dict() if ".roi_heads." in key or "rpn" in key}
    assert parts == {"rpn", "roi_heads"}
    assert not any("mask" in key or "keypoint" in key for key in head.state_dict())


def test_a_loss_over_whole_batches_is_not_shared_out_among_cores() -> None:
    head = head_of()
    assert not can_share(head.train())
    assert can_share(head.eval())


def test_a_trial_step_reaches_every_weight() -> None:
    inputs, _ = pictures(2)
    head = head_of().train()
    outputs = head(Features(maps=tuple(WithCoarsest()(inputs).values())))
    outputs.trial_loss().backward()  # type: ignore[no-untyped-call]
    assert all(weight.grad is not None for weight in head.parameters())
