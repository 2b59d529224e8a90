from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    MobileNetV2Config,
    MobileNetV2ForSemanticSegmentation,
    SegformerConfig,
    SegformerForSemanticSegmentation,
)

from headstart import models
from headstart.models.transformers.segmenter import pixel_head_name, segmenter_class


def segformer() -> Any:
    config = SegformerConfig(
        depths=[1, 1, 1, 1], hidden_sizes=[8, 8, 16, 16], decoder_hidden_size=24, num_attention_heads=[1, 1, 2, 2],
        num_labels=5,
    )  # fmt: skip
    torch.manual_seed(0)
    return SegformerForSemanticSegmentation(config)


def mobilenet() -> Any:
    torch.manual_seed(0)
    return MobileNetV2ForSemanticSegmentation(MobileNetV2Config(depth_multiplier=0.25, num_labels=5, output_stride=16))


def test_a_segmenter_is_known_by_its_class() -> None:
    assert segmenter_class({"model_type": "segformer", "architectures": ["SegformerForSemanticSegmentation"]})
    assert segmenter_class({"model_type": "segformer", "architectures": ["SegformerForImageClassification"]}) == ""
    assert segmenter_class({"model_type": "bert", "architectures": ["BertModel"]}) == ""


def test_the_layer_that_makes_the_logits() -> None:
    assert pixel_head_name(segformer(), model="x") == "decode_head.classifier"
    assert pixel_head_name(mobilenet(), model="x") == "segmentation_head.classifier"


@pytest.mark.parametrize("make", [segformer, mobilenet])
def test_its_features_are_what_the_classifier_of_pixels_saw(make: Any, tmp_path: Path) -> None:
    network = make().eval()
    network.save_pretrained(tmp_path)
    backbone = models.load(str(tmp_path))
    inputs = torch.randn(2, 3, 64, 64)
    seen: list[torch.Tensor] = []
    head = network.get_submodule(pixel_head_name(network, model="x"))
    with torch.no_grad():
        hook = head.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
        network(pixel_values=inputs)
        hook.remove()
        maps = backbone.forward_maps(inputs).maps
        pooled = backbone(inputs).pooled
    assert maps is not None
    assert pooled is not None
    assert any(one.shape == seen[0].shape and torch.allclose(one, seen[0], atol=1e-5) for one in maps)
    torch.testing.assert_close(pooled, seen[0].mean((2, 3)))
    assert backbone.width == pooled.shape[1]
    again = backbone.new_like()
    again.load_state_dict(backbone.state_dict())
    with torch.no_grad():
        torch.testing.assert_close(again.eval()(inputs).pooled, pooled)


def test_a_pretrained_deeplab(shared_models: Path) -> None:
    backbone = models.load(str(shared_models / "deeplabv3_mobilenet_v2_1.0_513.voc"))
    assert backbone.map_strides == (2, 4, 8, 16)
    assert backbone.map_channels[-1] == 256
    momenta = {module.momentum for module in backbone.modules() if isinstance(module, torch.nn.BatchNorm2d)}
    assert momenta == {0.1}
