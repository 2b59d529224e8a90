"""Image networks of transformers that have no classifier of their own, known by their configs. No library is imported.

Their pooled features are the library's `pooler_output`, which is what they were trained to give: the class token of
DINOv3 and CLIP, the attention pooling of SigLIP. CLIP is read before its projection, as its authors do where they put a
linear head on it (Radford et al. 2021, Learning Transferable Visual Models From Natural Language Supervision, A.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

VISION = {
    "dinov3_vit": "dinov3_vit",
    "dinov3_convnext": "dinov3_convnext",
    "siglip": "siglip_vision_model",
    "siglip_vision_model": "siglip_vision_model",
    "clip": "clip_vision_model",
    "clip_vision_model": "clip_vision_model",
}
"""The type of a model, and that of the part of it that sees."""
PART = "vision_config"
CLASSIFIER = "ForImageClassification"
BODIES = (
    "beit",
    "convnext",
    "convnextv2",
    "deit",
    "dinov2",
    "dinov2_with_registers",
    "resnet",
    "swin",
    "swinv2",
    "vit",
)
"""Types whose checkpoints without a classifier are published, and are read as those of the classifier's body."""


def is_tower(config: Mapping[str, Any]) -> bool:
    """Whether a config is that of an image network without a classifier of its own."""
    return config.get("model_type") in VISION and not _classifies(config)


def is_image_network(config: Mapping[str, Any]) -> bool:
    """Whether a config says that it is of an image classifier, or of one of the networks that lie below one."""
    return _classifies(config) or config.get("model_type") in (*VISION, *BODIES)


def vision_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """The config of the part that sees."""
    found = config.get(PART)
    inner = found if isinstance(found, Mapping) else config
    kind = VISION[config["model_type"]]
    return {**inner, "model_type": kind}


def _classifies(config: Mapping[str, Any]) -> bool:
    named = config.get("architectures")
    return isinstance(named, list) and any(str(name).endswith(CLASSIFIER) for name in named)
