"""A folder in the form of transformers -> its image classifier, split into the body that is trained and the head."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from transformers import (
    AutoModel,
    AutoModelForImageClassification,
    AutoModelForObjectDetection,
    AutoModelForSemanticSegmentation,
)
from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES

from headstart.core.card import Architecture, ModelCard
from headstart.core.errors import ModelError
from headstart.models.backbone import Features
from headstart.models.foreign_errors import in_short
from headstart.models.networks.headless import TracedBackbone
from headstart.models.networks.layer_order import by_registration
from headstart.models.networks.source_head import SourceHead
from headstart.models.plausible import bounded
from headstart.models.transformers.config import described, remote_code, written_out
from headstart.models.transformers.detector import DetectorBody, detector_class, settled
from headstart.models.transformers.image_towers import is_tower, vision_config
from headstart.models.transformers.library import fresh, loaded
from headstart.models.transformers.segmenter import pixel_head_name, segmenter_class
from headstart.models.transformers.tower import ENLARGES, Tower

# PyTorch's share of the new batch in running statistics. transformers copies some networks' TensorFlow decay (0.997)
# into it, which would replace the statistics with those of every batch.
MOMENTUM = 0.1
LARGER = 32


class TransformersBackbone(TracedBackbone):
    """An image classifier of transformers whose last linear layer has been taken off: what it saw are the features.

    Of a segmenter it is the classifier of pixels, and the mean of what that saw are the pooled features.
    """

    def __init__(
        self, body: nn.Module, *, card: ModelCard, architecture: Architecture, width: int, head: SourceHead | None
    ) -> None:
        super().__init__(body, card=card, architecture=architecture, width=width, head=head)
        self.reversed = bool(architecture.arguments.get("reversed"))
        self.options = forward_options(body)

    def forward(self, inputs: Tensor) -> Features:
        """Pooled features of (N, C, H, W) inputs."""
        pictures = inputs.flip(1) if self.reversed else inputs
        return Features(pooled=_pooled(self.body(pixel_values=pictures, **self.options).logits))

    def layer_groups(self) -> Sequence[tuple[str, ...]]:
        """The order of registration, which in transformers is the order of computation."""
        names = (name.removeprefix("body.") for name, _ in self.named_parameters())
        return [tuple(f"body.{name}" for name in group) for group in by_registration(names)]


class Measures(NamedTuple):
    """What is known of a network once it has been laid out, without weights."""

    width: int
    parameters: int
    fixed_size: bool


def architecture_of(config: Mapping[str, Any], *, reverse: bool) -> Architecture:
    """The description that builds the network of a config again. Raises `ModelError` for no image network."""
    kept = described(config)
    if is_tower(kept):
        problems = remote_code(kept)
        if problems:
            raise ModelError(problems)
        kept = vision_config(kept)
        return Architecture(
            source="hf", name=kept["model_type"], arguments={"config": written_out(kept), "reversed": reverse}
        )
    kept["num_labels"] = len(config.get("id2label") or {}) or config.get("num_labels") or 2
    whole = segmenter_class(kept) or detector_class(kept)
    problems = remote_code(kept) if whole else _problems(kept)
    if problems:
        raise ModelError(problems)
    # A checkpoint of the body alone names the class of the body.
    kept["architectures"] = [whole or _classifier_of(kept)]
    written = {**written_out(kept), "num_labels": kept["num_labels"]}
    written = settled(written) if detector_class(kept) else written
    return Architecture(source="hf", name=kept["model_type"], arguments={"config": written, "reversed": reverse})


def _problems(config: Mapping[str, Any]) -> list[str]:
    kind = config.get("model_type")
    if not isinstance(kind, str) or kind not in MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES:
        return [f"Models of type '{kind}' are neither image classifiers nor encoders of texts that transformers knows."]
    return remote_code(config)


def _classifier_of(config: Mapping[str, Any]) -> str:
    known = MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES[config["model_type"]]
    classes = (known,) if isinstance(known, str) else tuple(known)
    return next((name for name in config.get("architectures") or () if name in classes), classes[0])


def create(architecture: Architecture) -> nn.Module:
    """The classifier with a fresh initialisation and its head on. Raises `ModelError` where it cannot be built."""
    values = architecture.arguments.get("config")
    if not isinstance(values, dict):
        raise ModelError(f"The description of a '{architecture.name}' is incomplete: it needs `config`.")
    network = fresh(_library_class(values), values, name=architecture.name)
    return Tower(network) if is_tower(values) else network


def create_pretrained(architecture: Architecture, folder: Path, *, model: str) -> tuple[nn.Module, bool]:
    """The classifier with a folder's weights, in float32, and whether its head is among them.

    Raises `ModelError` where the weights do not fit: nothing of the body may stay at random.
    """
    config = architecture.arguments["config"]
    family = _library_class(config)
    if is_tower(config):
        return Tower(loaded(family, config, folder, model=model)[0]), False
    if detector_class(config):
        return loaded(family, config, folder, model=model)[0], False
    return loaded(family, config, folder, model=model, may_lack=partial(head_name, model=model))


def _library_class(config: Mapping[str, Any]) -> Any:
    """Which of the library's families a network is of."""
    if is_tower(config):
        return AutoModel
    if detector_class(config):
        return AutoModelForObjectDetection
    return AutoModelForSemanticSegmentation if segmenter_class(config) else AutoModelForImageClassification


def _pooled(outputs: Tensor) -> Tensor:
    """(N, D): the mean over the cells of what a segmenter gives (N, D, H, W)."""
    return outputs.mean((2, 3)) if outputs.ndim == 4 else outputs


def head_name(network: Any, *, model: str) -> str:
    """The name of the layer that makes the logits. Raises `ModelError` where there is not exactly one."""
    if segmenter_class(network.config.to_dict()):
        return pixel_head_name(network, model=model)
    prefix = f"{getattr(network, 'base_model_prefix', '')}."
    classes = network.config.num_labels
    found: list[str] = [
        name
        for name, module in network.named_modules()
        if isinstance(module, nn.Linear) and module.out_features == classes and not name.startswith(prefix)
    ]
    if len(found) != 1:
        how_many = "no classifier" if not found else "a classifier of several parts"
        raise ModelError(f"{model} has {how_many}, so its pooled features cannot be told.")
    return found[0]


def split(network: nn.Module, *, model: str) -> tuple[nn.Module, SourceHead | None]:
    """Take the head off, in place, so that the network's logits are its pooled features; and mend the momentum."""
    if isinstance(network, Tower):
        return network, None
    config: Any = network.config
    if detector_class(config.to_dict()):
        return DetectorBody(network), None
    name = head_name(network, model=model)
    head = SourceHead.of(network.get_submodule(name))
    network.set_submodule(name, nn.Identity())
    prefix = f"{getattr(network, 'base_model_prefix', '')}."
    for other, module in list(network.named_modules()):
        if isinstance(module, nn.Dropout) and not other.startswith(prefix):
            network.set_submodule(other, nn.Identity())  # dropout before the head belongs to the head
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and (module.momentum or 0) > 0.5:
            module.momentum = MOMENTUM
    return network, head


def forward_options(body: nn.Module) -> dict[str, Any]:
    """What lets position embeddings follow the size of the picture, for networks that can do it when asked."""
    # CLIP's classifier hands on what it is asked to the part that sees.
    parts = (body, getattr(body, "vision_model", body))
    able = any(ENLARGES in inspect.signature(part.forward).parameters for part in parts)
    return {ENLARGES: True} if able and not isinstance(body, Tower) else {}


def measure(architecture: Architecture, *, model: str, size: tuple[int, int]) -> Measures:
    """Width, number of weights, and whether another size is refused, from a network laid out but never filled."""
    return _measure(architecture.model_dump_json(), model, size)


@lru_cache(maxsize=256)
def _measure(architecture: str, model: str, size: tuple[int, int]) -> Measures:
    described = Architecture.model_validate_json(architecture)
    with torch.device("meta"), torch.no_grad(), bounded():
        body, _ = split(create(described), model=model)
        body.eval()
        pooled = _run(body, size)
        if isinstance(pooled, Exception):
            raise ModelError(f"{model} cannot be run at {size[0]} x {size[1]}: {in_short(pooled)}.") from pooled
        larger = _run(body, (size[0] + LARGER, size[1] + LARGER))
    if not isinstance(pooled, Tensor) or pooled.ndim != 2:
        raise ModelError(f"{model} gives no pooled features.")
    parameters = sum(parameter.numel() for parameter in body.parameters())
    return Measures(pooled.shape[1], parameters, isinstance(larger, Exception))


def _run(body: nn.Module, size: tuple[int, int]) -> Any:
    try:
        inputs = torch.empty(2, channels_of(body.config), *size)
        return _pooled(body(pixel_values=inputs, **forward_options(body)).logits)
    except Exception as error:  # noqa: BLE001 - the caller asks whether this size fails, and how
        return error


def channels_of(config: Any) -> int:
    """The number of input channels of a config, three where it does not say."""
    return int(getattr(config, "num_channels", None) or 3)
