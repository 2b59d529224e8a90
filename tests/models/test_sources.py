"""One suite for the backbones of every source: what they promise holds whatever library they come from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from headstart import models
from headstart.core.card import Architecture, ModelCard
from headstart.models.backbone import Backbone
from tests.conftest import SHARED
from tests.models.samples import (
    CLASSES,
    LABELS,
    TIMM,
    TORCHVISION,
    TRANSFORMERS,
    timm_folder,
    torchvision_folder,
    transformers_folder,
)

SHARED_TIMM = ("mobilenetv2_100.imagenet", "mobilenetv2_100.inat_bird", "mobilenetv2_100.inat_insect")
SHARED_HF = tuple(f"mobilenet_v1_{size}.imagenet" for size in ("0.25_128", "0.5_160", "0.75_224", "1.0_224"))
SHARED_TORCHVISION = ("squeezenet1_1.imagenet",)


class Sample:
    """One model: its folder, and the library's own classifier of it."""

    def __init__(self, folder: Path, source: str) -> None:
        self.folder, self.source = folder, source
        self.backbone = models.load(str(folder))
        self.own: nn.Module = OWN[source](folder, self.backbone)
        self.inputs = _inputs(self.backbone)

    def own_logits(self) -> Tensor:
        found: Any = self.own(self.inputs)
        logits: Tensor = found if isinstance(found, Tensor) else found.logits
        return logits


def _own(folder: Path, backbone: Backbone) -> nn.Module:
    import timm

    network: nn.Module = timm.create_model(f"local-dir:{folder}", pretrained=True).eval()
    return network


def _own_of_transformers(folder: Path, backbone: Backbone) -> nn.Module:
    from transformers import AutoModelForImageClassification

    network: nn.Module = AutoModelForImageClassification.from_pretrained(folder, dtype=torch.float32).eval()
    return network


def _own_of_torchvision(folder: Path, backbone: Backbone) -> nn.Module:
    from collections import OrderedDict

    from safetensors.torch import load_file
    from torchvision.models import get_model

    described = backbone.architecture
    arguments: dict[str, Any] = dict(described.arguments)
    if described.name == "googlenet":
        arguments |= {"aux_logits": False, "init_weights": False}
    labels = backbone.card.source_labels
    network: nn.Module = get_model(described.name, weights=None, num_classes=len(labels), **arguments)
    weights = OrderedDict(load_file(folder / "model.safetensors"))
    weights._metadata = {"": {"version": 2}}  # type: ignore[attr-defined]  # what torch.save keeps and safetensors not
    network.load_state_dict(weights)
    return network.eval()


OWN: dict[str, Callable[[Path, Backbone], nn.Module]] = {
    "timm": _own,
    "hf": _own_of_transformers,
    "torchvision": _own_of_torchvision,
}


def _inputs(backbone: Backbone, *, items: int = 2) -> Tensor:
    facts = backbone.card.input
    assert facts is not None
    return torch.randn(items, facts.channels, *facts.size, generator=torch.Generator().manual_seed(0))


def _maker(name: str) -> tuple[str, Callable[[Path], Path]]:
    kind, _, rest = name.partition(":")
    if kind == "shared":
        source = "timm" if rest in SHARED_TIMM else "hf" if rest in SHARED_HF else "torchvision"
        return source, lambda folder: SHARED / "models" / rest
    if kind == "torchvision":
        return "torchvision", lambda folder: torchvision_folder(folder, rest)
    if kind == "timm":
        return "timm", lambda folder: timm_folder(folder, rest)
    return "hf", lambda folder: transformers_folder(folder, rest)


NAMES = (
    *(f"timm:{name}" for name in TIMM),
    *(f"hf:{kind}" for kind in TRANSFORMERS),
    *(f"torchvision:{name}" for name in TORCHVISION),
    *(f"shared:{name}" for name in (*SHARED_TIMM, *SHARED_HF, *SHARED_TORCHVISION)),
)


@pytest.fixture(scope="module", params=NAMES)
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    name = str(request.param)
    if name.startswith("shared:") and not (SHARED / "models").is_dir():
        pytest.skip("needs the real pretrained models of ../shared/models, which are not here")
    source, make = _maker(name)
    return Sample(make(tmp_path_factory.mktemp("model") / "folder"), source)


def test_the_card_counts_what_is_there(sample: Sample) -> None:
    card = sample.backbone.card
    assert card == models.card(str(sample.folder))
    assert card.parameters == sum(parameter.numel() for parameter in sample.backbone.parameters())
    assert card.width == sample.backbone.width == sample.backbone(sample.inputs).pooled.shape[1]  # type: ignore[union-attr]
    assert card.source == sample.backbone.architecture.source == sample.source
    assert card.revision.startswith("sha256:")
    assert ModelCard.model_validate_json(card.model_dump_json()) == card


def test_only_the_classifier_is_missing(sample: Sample) -> None:
    ours = sum(parameter.numel() for parameter in sample.backbone.parameters())
    classes, width = len(sample.backbone.card.source_labels), sample.backbone.width
    theirs = sum(parameter.numel() for parameter in sample.own.parameters())
    assert theirs - ours in (classes * width, classes * (width + 1))


@torch.no_grad()
def test_source_logits_are_the_librarys_own(sample: Sample) -> None:
    pooled = sample.backbone(sample.inputs).pooled
    assert pooled is not None
    assert (pooled[0] - pooled[1]).abs().max() > 1e-3 * pooled.abs().max()
    logits = sample.backbone.source_logits(pooled)
    if "logits" not in sample.backbone.card.gives:
        assert logits is None
        assert "no function of the pooled features" in sample.backbone.card.note
        return
    assert logits is not None
    assert logits.shape == (2, len(sample.backbone.card.source_labels))
    torch.testing.assert_close(logits, sample.own_logits(), rtol=1e-5, atol=1e-5)


def test_every_parameter_is_in_one_group(sample: Sample) -> None:
    groups = sample.backbone.layer_groups()
    names = [name for group in groups for name in group]
    assert sorted(names) == sorted(name for name, _ in sample.backbone.named_parameters())
    assert len(set(names)) == len(names)
    assert len(groups) > 3
    assert all(groups)


def test_groups_go_from_the_input_to_the_output(sample: Sample) -> None:
    """What a later group computes does not depend on an earlier point: its first layer is run after theirs."""
    backbone = sample.backbone
    order: list[str] = []
    hooks = [
        module.register_forward_pre_hook(lambda module, inputs, name=name: order.append(name))
        for name, module in backbone.named_modules()
        if next(module.parameters(recurse=False), None) is not None
    ]
    with torch.no_grad():
        backbone(sample.inputs)
    for hook in hooks:
        hook.remove()
    first = {name: order.index(name) for name in order}
    owners = [[parameter.rpartition(".")[0] for parameter in group] for group in backbone.layer_groups()]
    starts = [min(first[name] for name in group if name in first) for group in owners if set(group) & first.keys()]
    assert starts == sorted(starts)


@torch.no_grad()
def test_it_is_built_again_from_its_description(sample: Sample) -> None:
    backbone = sample.backbone
    again = models.build(Architecture.model_validate_json(backbone.architecture.model_dump_json()), backbone.card)
    shapes = {name: value.shape for name, value in backbone.state_dict().items()}
    assert {name: value.shape for name, value in again.state_dict().items()} == shapes
    again.load_state_dict(backbone.state_dict())
    assert torch.equal(_pooled(again, sample.inputs), _pooled(backbone, sample.inputs))
    assert again.layer_groups() == backbone.layer_groups()


def test_the_description_names_no_place(sample: Sample) -> None:
    assert str(sample.folder.parent) not in sample.backbone.architecture.model_dump_json()


def test_new_like_is_fresh(sample: Sample) -> None:
    new = sample.backbone.new_like()
    ours, theirs = dict(sample.backbone.named_parameters()), dict(new.named_parameters())
    assert ours.keys() == theirs.keys()
    assert any(not torch.equal(ours[name], theirs[name]) for name in ours)
    assert new.source_logits(torch.zeros(1, new.width)) is None


def test_the_gradient_reaches_the_input_side(sample: Sample) -> None:
    backbone = sample.backbone
    try:
        (_pooled(backbone, sample.inputs) ** 2).sum().backward()
        first = set(backbone.layer_groups()[0])
        moved = [parameter.grad for name, parameter in backbone.named_parameters() if name in first]
        assert any(gradient is not None and bool(gradient.abs().sum() > 0) for gradient in moved)
    finally:
        backbone.zero_grad(set_to_none=True)


def test_weights_are_float32_and_in_evaluation_mode(sample: Sample) -> None:
    kinds = {value.dtype for value in sample.backbone.state_dict().values() if value.is_floating_point()}
    assert kinds == {torch.float32}
    assert not any(module.training for module in sample.backbone.modules())


def test_no_running_statistic_is_replaced_by_one_batch(sample: Sample) -> None:
    norms = [module for module in sample.backbone.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    assert all(module.momentum is not None and module.momentum <= 0.5 for module in norms)


def test_a_backbone_survives_copying_with_its_head(sample: Sample) -> None:
    import copy

    other = copy.deepcopy(sample.backbone)
    assert not any("head" in name for name, _ in other.named_parameters() if name.startswith("source_head"))
    assert (other.source_logits(torch.zeros(1, other.width)) is not None) == ("logits" in other.card.gives)


def test_made_models_have_the_facts_that_were_written_down(sample: Sample) -> None:
    card = sample.backbone.card
    if sample.folder.is_relative_to(SHARED):
        assert card.licence == ("unknown" if sample.source == "torchvision" else "Apache-2.0")
        words = {"inat_bird": "bird", "inat_insect": "insect"}
        kind = sample.folder.name.rpartition(".")[2]
        assert words.get(kind, "ImageNet-1k") in card.pretrained_on
    else:
        assert card.licence == "MIT"
        assert card.source_labels == tuple(LABELS)
        assert len(card.source_labels) == CLASSES
        assert card.pretrained_on == ("Kinds" if sample.source == "timm" else "ImageNet-1k")


def _pooled(backbone: Backbone, inputs: Tensor) -> Tensor:
    pooled = backbone(inputs).pooled
    assert pooled is not None
    return pooled
