"""Image networks without a classifier, told by their configs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headstart.models.cards.listing import at_hand
from headstart.models.transformers.image_towers import is_image_network, is_tower, vision_config
from tests.models.samples import into_cache, tower_folder


@pytest.mark.parametrize(
    ("config", "tower", "network"),
    [
        ({"model_type": "dinov3_vit", "architectures": ["DINOv3ViTModel"]}, True, True),
        ({"model_type": "siglip"}, True, True),
        ({"model_type": "siglip", "architectures": ["SiglipForImageClassification"]}, False, True),
        ({"model_type": "dinov2", "architectures": ["Dinov2Model"]}, False, True),
        ({"model_type": "detr", "architectures": ["DetrForObjectDetection"]}, False, False),
        ({"model_type": "bert", "architectures": ["BertModel"]}, False, False),
        ({}, False, False),
    ],
)
def test_kinds(config: dict[str, Any], tower: bool, network: bool) -> None:
    assert is_tower(config) == tower
    assert is_image_network(config) == network


def test_the_config_of_the_part_that_sees() -> None:
    whole = {"model_type": "clip", "vision_config": {"hidden_size": 8}, "text_config": {"hidden_size": 4}}
    assert vision_config(whole) == {"hidden_size": 8, "model_type": "clip_vision_model"}
    assert vision_config({"model_type": "dinov3_vit", "hidden_size": 8}) == {
        "hidden_size": 8,
        "model_type": "dinov3_vit",
    }


def test_a_cached_one_is_listed_among_image_networks(hub_cache: Path, tmp_path: Path) -> None:
    folder = tower_folder(tmp_path / "a", "clip")
    (folder / "tokenizer.json").write_text("{}")  # it reads, too
    into_cache(hub_cache, "org/clip", folder)
    assert {card.id: card.modality for card in at_hand("hf/org/*")} == {"hf/org/clip": "image"}
