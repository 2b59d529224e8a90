"""A network of timm that was trained here -> a folder in timm's `local-dir:` form, which any timm loads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from headstart.core.card import Architecture, InputFacts, ModelCard
from headstart.core.errors import ModelError, OptionError
from headstart.core.files import write_atomically
from headstart.models.backbone import Backbone
from headstart.models.files.folder import CONFIG
from headstart.models.files.weights import SAFE
from headstart.models.sources.from_timm import SOURCE
from headstart.models.timm.network import TimmBackbone, create
from headstart.models.timm.recipe import RESERVED, registered

DECIDED_HERE = RESERVED | {"num_classes", "in_chans"}


@dataclass(frozen=True)
class SourceTask:
    """What the network was trained on: the names of its classes, what the data are called, and the weights' licence."""

    labels: tuple[str, ...]
    data: str
    licence: str = "unknown"


def fresh(name: str, *, arguments: dict[str, Any], size: int, classes: int) -> Backbone:
    """An architecture of timm without weights, for pictures of `size` pixels a side.

    Raises `ModelError` for an architecture that timm does not know or cannot build, and `OptionError` for arguments
    that are not the user's to give.
    """
    taken = sorted(DECIDED_HERE & arguments.keys())
    if taken:
        raise OptionError([f"The architecture's arguments may not set '{argument}'." for argument in taken])
    recipe, _ = registered(name)
    facts = InputFacts(
        size=(size, size), crop_fraction=1.0, channels=3, fixed_size=bool(recipe.config.get("fixed_input_size"))
    )
    card = ModelCard(id=recipe.architecture, source="timm", input=facts)
    needed = {"input_size": [3, size, size], "num_classes": classes}
    if facts.fixed_size:
        needed["fixed_input_size"] = True
    architecture = Architecture(
        source="timm", name=recipe.architecture, arguments={"config": needed, "model_args": dict(arguments)}
    )
    return SOURCE.build(architecture, card)


def write_folder(folder: Path, backbone: Backbone, *, weight: Tensor, bias: Tensor, task: SourceTask) -> None:
    """Write `config.json` and `model.safetensors`: a backbone from `fresh` with the linear head (C, D) it learnt with.

    Weights of convolutions and linear layers are stored in half precision, scales, biases and statistics in full.
    """
    from safetensors.torch import save

    if not isinstance(backbone, TimmBackbone):
        raise ModelError("Only a network of timm can be saved in timm's form.")
    network = create(backbone.architecture)
    name = _classifier(network)
    head = {f"{name}.weight": weight, f"{name}.bias": bias}
    network.load_state_dict({**backbone.body.state_dict(), **head})
    stored = {key: _packed(value.detach().cpu().contiguous()) for key, value in network.state_dict().items()}
    write_atomically(folder / SAFE, save(stored, metadata={"format": "pt"}))
    config = _config(network, backbone, name, task)
    write_atomically(folder / CONFIG, (json.dumps(config, indent=2, ensure_ascii=False) + "\n").encode())


def _classifier(network: Any) -> str:
    """The name of the last layer."""
    classifier = network.get_classifier()
    names: list[str] = [name for name, module in network.named_modules() if module is classifier]
    if len(names) != 1 or not isinstance(classifier, nn.Linear):
        raise ModelError("Only networks that end in one linear layer can be pretrained.")
    return names[0]


def _first_convolution(network: nn.Module) -> str | None:
    """The layer that reads the picture, which timm adapts to other numbers of channels."""
    names = (name for name, module in network.named_modules() if isinstance(module, nn.Conv2d))
    return next(names, None)


def _packed(value: Tensor) -> Tensor:
    fits = value.is_floating_point() and value.ndim > 1 and bool(value.abs().max() <= torch.finfo(torch.float16).max)
    return value.half() if fits else value


def _config(network: nn.Module, backbone: TimmBackbone, classifier: str, task: SourceTask) -> dict[str, Any]:
    facts = backbone.card.input if isinstance(backbone.card.input, InputFacts) else InputFacts()
    return {
        "architecture": backbone.architecture.name,
        "num_classes": len(task.labels),
        "num_features": backbone.width,
        "model_args": backbone.architecture.arguments["model_args"],
        "pretrained_cfg": {
            "custom_load": False,
            "input_size": [facts.channels, *facts.size],
            "fixed_input_size": facts.fixed_size,
            "interpolation": facts.interpolation,
            "crop_pct": facts.crop_fraction,
            "crop_mode": facts.crop_mode,
            "mean": list(facts.mean),
            "std": list(facts.std),
            "num_classes": len(task.labels),
            "first_conv": _first_convolution(network),
            "classifier": classifier,
            "license": task.licence,
            "description": task.data,
        },
        "label_names": list(task.labels),
    }
