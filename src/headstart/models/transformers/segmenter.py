"""Segmenters of transformers: what their classifier of pixels sees are the features that they were trained for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn
from transformers.models.auto.modeling_auto import MODEL_FOR_SEMANTIC_SEGMENTATION_MAPPING_NAMES

from headstart.core.errors import ModelError


def segmenter_class(config: Mapping[str, Any]) -> str:
    """The segmenter's class that a config names; empty where it names none."""
    known = MODEL_FOR_SEMANTIC_SEGMENTATION_MAPPING_NAMES.get(str(config.get("model_type")), ())
    classes = (known,) if isinstance(known, str) else tuple(known)
    return next((name for name in config.get("architectures") or () if name in classes), "")


def pixel_head_name(network: Any, *, model: str) -> str:
    """The name of the convolution that makes the logits of every cell, or of the layer that does nothing else.

    Raises `ModelError` where there is none. Some networks have a second one half-way, that
    only helps to train them.
    """
    prefix = f"{getattr(network, 'base_model_prefix', '')}."
    found = [
        name
        for name, module in network.named_modules()
        if isinstance(module, nn.Conv2d)
        and module.out_channels == network.config.num_labels
        and module.kernel_size == (1, 1)
        and not name.startswith(prefix)
        and "auxiliary" not in name
    ]
    if not found:
        raise ModelError(f"{model} has no classifier of pixels that could be told, so its features cannot.")
    name = str(found[-1])
    parent, _, _ = name.rpartition(".")
    while parent and _weights(network, parent) == _weights(network, name):
        name, (parent, _, _) = parent, parent.rpartition(".")
    return name


def _weights(network: Any, name: str) -> int:
    return len(list(network.get_submodule(name).parameters()))
