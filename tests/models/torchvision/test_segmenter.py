"""Segmenters of torchvision as backbones: what their classifier of pixels sees, and what is learnt on that."""

from __future__ import annotations

import copy
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torchvision.models import get_model

import headstart as hs
from headstart import models
from headstart.core.errors import ModelError
from headstart.models.sources.from_torchvision import SOURCE
from headstart.models.torchvision.network import create_pretrained, laid_out, split
from headstart.models.torchvision.segmenter import NormOfFew, pixel_classifier, segmenters
from tests.models.samples import CLASSES, torchvision_folder, torchvision_network
from tests.models.torchvision.test_network import described
from tests.test_segmenters import options, write_scenes

LITE, DEEP, PLAIN = "lraspp_mobilenet_v3_large", "deeplabv3_mobilenet_v3_large", "fcn_resnet50"


@lru_cache
def own(name: str) -> nn.Module:
    return torchvision_network(name)


@pytest.mark.parametrize("name", [LITE, DEEP])
@torch.no_grad()
def test_its_features_make_the_logits_of_every_cell(name: str, tmp_path: Path) -> None:
    network, inputs = own(name), torch.randn(2, 3, 64, 96)
    torch.save(network.state_dict(), tmp_path / "weights.pth")
    backbone = models.load(f"torchvision/{name}:{tmp_path / 'weights.pth'}")
    seen: list[Tensor] = []
    hook = network.get_submodule("classifier").register_forward_hook(lambda module, given, made: seen.append(made))
    network(inputs)
    hook.remove()
    maps, head = backbone.forward_maps(inputs).maps, backbone.source_head  # type: ignore[attr-defined]
    assert maps is not None
    assert [one.shape[1] for one in maps] == list(backbone.map_channels)
    assert [96 // one.shape[3] for one in maps] == list(backbone.map_strides) == [2, 4, 8, 16]
    (cells,) = (one for one in maps if one.shape[1] == backbone.width)
    logits = nn.functional.conv2d(cells, head.weight[:, :, None, None], head.bias)
    torch.testing.assert_close(logits, seen[0], rtol=1e-4, atol=1e-4)
    pooled = backbone(inputs).pooled
    assert pooled is not None
    torch.testing.assert_close(backbone.source_logits(pooled), seen[0].mean((2, 3)), rtol=1e-4, atol=1e-4)
    assert backbone.card == models.card(backbone.card.id)


@pytest.mark.parametrize("name", [LITE, DEEP, PLAIN])
def test_a_segmenter_loses_its_classifier_and_nothing_else(name: str) -> None:
    network = laid_out(described(name))
    before, head = sum(each.numel() for each in network.parameters()), pixel_classifier(network)
    lost = sum(each.numel() for each in network.get_submodule(head).parameters())
    if name == LITE:
        lost += sum(each.numel() for each in network.get_submodule(head.replace("high", "low")).parameters())
    body, source = split(network)
    assert source is not None
    assert sum(each.numel() for each in body.parameters()) == before - lost


def test_what_the_registry_says_is_on_the_card() -> None:
    card = SOURCE.card(LITE, offline=True, pretrained=False)
    assert (card.id, card.pretrained_on) == (f"torchvision/{LITE}:COCO_WITH_VOC_LABELS_V1", "COCO")
    assert (card.licence, card.upstream_accuracy) == ("BSD-3-Clause", None)
    assert card.input is not None
    assert (card.input.size, card.input.crop_fraction) == ((520, 520), 1.0)  # type: ignore[union-attr]
    assert "Mean IoU 57.9 %" in card.note
    assert "terms of the data" in card.note
    assert card.source_labels[:2] == ("__background__", "aeroplane")
    assert {f"torchvision/{name}:COCO_WITH_VOC_LABELS_V1" for name in segmenters()} == {
        listed.id for listed in SOURCE.cards("*COCO_WITH_VOC_LABELS*")
    }
    with pytest.raises(ModelError, match="fcn_resnet50_coco-1167a1af.pth is not there"):
        SOURCE.load(PLAIN, pretrained=True, offline=True)


def test_the_classifier_on_the_way_is_left_out(tmp_path: Path) -> None:
    full = get_model(DEEP, weights=None, weights_backbone=None, num_classes=CLASSES, aux_loss=True).eval()
    torch.save(full.state_dict(), tmp_path / "weights.pth")
    network = create_pretrained(described(DEEP), tmp_path / "weights.pth", model="m").eval()
    inputs = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(network(inputs)["out"], full(inputs)["out"])
    assert not any(name.startswith("aux") for name in network.state_dict())


def test_one_picture_at_a_time_can_be_trained_on() -> None:
    """The norm of a mean over the picture has one value a channel then."""
    body = split(copy.deepcopy(own(DEEP)))[0].train()
    (norm,) = (module for module in body.modules() if isinstance(module, NormOfFew))
    before = norm.running_mean.clone()  # type: ignore[union-attr]
    body(torch.randn(1, 3, 64, 64)).sum().backward()
    assert torch.equal(before, norm.running_mean)  # type: ignore[arg-type]
    body(torch.randn(2, 3, 64, 64))
    assert not torch.equal(before, norm.running_mean)  # type: ignore[arg-type]


def test_eight_pictures_are_learnt_by_heart_and_the_run_says_the_same_again(tmp_path: Path) -> None:
    data = write_scenes(tmp_path / "data", train=8, test=2)
    model = str(torchvision_folder(tmp_path / "model", LITE))
    run: Any = hs.fit(data, output=tmp_path / "run", options=options(model=model, epochs=14))
    assert run.evaluate(data / "train").metrics["mean_iou"] > 0.8
    again: Any = hs.load(tmp_path / "run")
    pictures = [str(data / "test" / "images" / f"{number}.png") for number in range(2)]
    for before, after in zip(run.predict(pictures), again.predict(pictures), strict=True):
        assert (before.mask == after.mask).all()
    body = again.trained.networks[0]
    assert body.state_dict().keys() == run.trained.networks[0].state_dict().keys()
    assert all(
        torch.equal(body.state_dict()[key], value) for key, value in run.trained.networks[0].state_dict().items()
    )
