"""Networks of attention are told by what they are, not by where they lie or what they learnt from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headstart import models
from headstart.core.card import ModelCard
from headstart.methods.attention import is_attention
from tests.models.detector_samples import transformers_detector_folder
from tests.models.samples import timm_folder, transformers_folder


@pytest.mark.parametrize(
    ("model", "attention"),
    [
        ("timm/vit_small_patch16_224.augreg_in1k", True),
        ("timm/convnext_small.dinov3_lvd1689m", False),
        ("timm/resnet50_clip.openai", False),
        ("timm/levit_128", False),
        ("timm/tiny_vit_11m_224.dist_in22k_ft_in1k", True),
        ("hf/nvidia/mit-b0", True),
        ("hf/nvidia/segformer-b0-finetuned-ade-512-512", True),
        ("hf/google/siglip-base-patch16-224", True),
        ("hf/vit-company/resnet-50", False),
        ("hf/microsoft/resnet-18@vit", False),
        ("torchvision/swin_v2_t:IMAGENET1K_V1", True),
        ("torchvision/resnet18:/data/vit/weights.pth", False),
        ("torchhub/facebookresearch/dino:dino_vits16@0123456", True),
        ("torchhub/facebookresearch/dino:dino_resnet50@0123456", False),
        ("keras/MobileNetV2", False),
    ],
)
def test_ids_name_architectures(model: str, attention: bool) -> None:
    assert is_attention(ModelCard(id=model, source=model.partition("/")[0])) == attention


@pytest.mark.parametrize("source", ["timm", "hf", "saved-run", "torchvision", "keras"])
def test_the_way_to_a_folder_says_nothing(source: str) -> None:
    for model in ("/data/pit_stop/resnet18", "./vit/resnet18", "../swin/resnet18"):
        assert not is_attention(ModelCard(id=model, source=source, location=model))


@pytest.mark.parametrize(
    ("config", "attention"),
    [
        ({"architecture": "deit_tiny_patch16_224"}, True),
        ({"architecture": "resnet18"}, False),
        ({"model_type": "segformer"}, True),
        ({"model_type": "dinov3_vit"}, True),
        ({"model_type": "dinov3_convnext"}, False),
        ({"model_type": "clip", "vision_config": {"model_type": "clip_vision_model"}}, True),
        ({"model_type": "upernet", "backbone_config": {"model_type": "swin"}}, True),
        ({"model_type": "upernet", "backbone_config": {"model_type": "convnext"}}, False),
        ({"model_type": "detr", "backbone": "resnet50"}, False),
        ({"registered_name": "keras_hub>MiTBackbone"}, True),
        ({"model_type": "timm_wrapper", "architecture": "vit_small_patch16_224"}, True),
    ],
)
def test_a_folder_says_what_it_holds(config: Any, attention: bool, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    told = ModelCard(id=str(tmp_path / "vit"), source="hf", location=str(tmp_path))
    assert is_attention(told) == attention
    run = tmp_path / "swin"
    run.mkdir()
    built = {"name": "resnet18" if "registered_name" not in config else "MiTBackbone", "arguments": {"config": config}}
    (run / "model.json").write_text(json.dumps({"networks": [{"architecture": built}]}))
    assert is_attention(ModelCard(id=str(run), source="saved-run", location=str(run))) == attention


@pytest.mark.parametrize("text", ["{", "[]", "3"])
def test_a_damaged_description_says_nothing(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(text)
    (tmp_path / "model.json").write_text('{"networks": [3]}')
    assert not is_attention(ModelCard(id=str(tmp_path), source="hf", location=str(tmp_path)))


def test_cards_as_sources_make_them(tmp_path: Path) -> None:
    vit = models.card(str(transformers_folder(tmp_path / "resnet18", "vit")))
    detector = models.card(str(transformers_detector_folder(tmp_path / "vit" / "model", "rt_detr")))
    resnet = models.card(str(timm_folder(tmp_path / "pit_stop" / "model", "resnet18")))
    assert [is_attention(each) for each in (vit, detector, resnet)] == [True, False, False]
