"""What the contract suite runs over: one model a line, whatever library it comes from.

A new source joins by a line in `CASES`: how a small model of it is made in a folder and what its id is then, and the
library's own network of it, as a module from (N, C, H, W) to logits, or to pooled features where it has no classifier.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from headstart import models
from headstart.core.card import InputFacts
from headstart.models.backbone import Backbone
from tests.conftest import SHARED
from tests.models.samples import (
    TIMM,
    TORCHVISION,
    TOWERS,
    TRANSFORMERS,
    timm_folder,
    torchvision_folder,
    tower_folder,
    transformers_folder,
)

Make = Callable[[Path], str]
Own = Callable[[str, Backbone], nn.Module]


@dataclass(frozen=True)
class Case:
    """A model: its source, how it is made in a folder, which gives its id, and the library's own network of an id.

    `shared` says that it is one of the real models beside the repository.
    """

    source: str
    make: Make
    own: Own
    shared: bool = False


class Sample:
    """A model that has been made and loaded, with inputs of its own size."""

    def __init__(self, case: Case, folder: Path) -> None:
        self.source, self.shared = case.source, case.shared
        self.id = case.make(folder)
        self.folder = Path(self.id)
        self.backbone = models.load(self.id)
        self.own = case.own(self.id, self.backbone)
        self.inputs = inputs_of(self.backbone)

    def own_answer(self) -> Tensor:
        """The library's own logits, or pooled features where it has no classifier."""
        found: Any = self.own(self.inputs)
        return next(value for value in (found, *_answers(found)) if isinstance(value, Tensor))


def _answers(found: Any) -> list[Any]:
    return [getattr(found, name, None) for name in ("logits", "pooler_output")]


def inputs_of(backbone: Backbone, *, items: int = 2) -> Tensor:
    """Random pictures of the size that a network was made for."""
    facts = backbone.card.input
    assert isinstance(facts, InputFacts)
    return torch.randn(items, facts.channels, *facts.size, generator=torch.Generator().manual_seed(0))


def own_of_timm(model: str, backbone: Backbone) -> nn.Module:
    """The classifier as timm loads it."""
    import timm

    del backbone
    network: nn.Module = timm.create_model(f"local-dir:{model}", pretrained=True).eval()
    return network


def own_of_transformers(model: str, backbone: Backbone, *, kind: str = "AutoModelForImageClassification") -> nn.Module:
    """The network as a class of transformers loads it."""
    import transformers

    del backbone
    network: nn.Module = getattr(transformers, kind).from_pretrained(model, dtype=torch.float32).eval()
    return network


def own_of_torchvision(model: str, backbone: Backbone) -> nn.Module:
    """The classifier as torchvision makes it, with the weights of the folder."""
    from collections import OrderedDict

    from safetensors.torch import load_file
    from torchvision.models import get_model

    described = backbone.architecture
    arguments: dict[str, Any] = dict(described.arguments)
    if described.name == "googlenet":
        arguments |= {"aux_logits": False, "init_weights": False}
    labels = backbone.card.source_labels
    network: nn.Module = get_model(described.name, weights=None, num_classes=len(labels), **arguments)
    weights = OrderedDict(load_file(Path(model) / "model.safetensors"))
    weights._metadata = {"": {"version": 2}}  # type: ignore[attr-defined]  # what torch.save keeps and safetensors not
    network.load_state_dict(weights)
    return network.eval()


def _in(make: Callable[[Path, str], Path], name: str) -> Make:
    return lambda folder: str(make(folder, name))


def _shared(name: str) -> Make:
    def there(folder: Path) -> str:
        del folder
        if not (SHARED / "models").is_dir():
            pytest.skip("needs the real pretrained models of ../shared/models, which are not here")
        return str(SHARED / "models" / name)

    return there


REAL = {
    **dict.fromkeys(("mobilenetv2_100.imagenet", "mobilenetv2_100.inat_bird", "mobilenetv2_100.inat_insect"), "timm"),
    **{f"mobilenet_v1_{size}.imagenet": "hf" for size in ("0.25_128", "0.5_160", "0.75_224", "1.0_224")},
    "squeezenet1_1.imagenet": "torchvision",
}
OWN: dict[str, Own] = {"timm": own_of_timm, "hf": own_of_transformers, "torchvision": own_of_torchvision}

CASES: dict[str, Case] = {
    **{f"timm:{name}": Case("timm", _in(timm_folder, name), own_of_timm) for name in TIMM},
    **{f"hf:{kind}": Case("hf", _in(transformers_folder, kind), own_of_transformers) for kind in TRANSFORMERS},
    **{
        f"hf tower:{kind}": Case("hf", _in(tower_folder, kind), partial(own_of_transformers, kind=own))
        for kind, own in TOWERS.items()
    },
    **{
        f"torchvision:{name}": Case("torchvision", _in(torchvision_folder, name), own_of_torchvision)
        for name in TORCHVISION
    },
    **{f"shared:{name}": Case(source, _shared(name), OWN[source], shared=True) for name, source in REAL.items()},
}
