"""Networks of torchvision, split and measured: every family, and weights that do not fit."""

from __future__ import annotations

import copy
import re
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torchvision import models as library
from torchvision.models import get_model, list_models

from headstart.core.card import Architecture, ModelCard
from headstart.core.errors import ModelError
from headstart.models.backbone import Backbone
from headstart.models.torchvision.network import (
    TorchvisionBackbone,
    classes_of,
    create,
    create_pretrained,
    fitting,
    laid_out,
    measure,
    misfits,
    split,
)
from tests.models.samples import CLASSES, torchvision_network

# Name, width of the features, side of the pictures. These have the families that the suite of all sources leaves out.
FAMILIES = [
    ("alexnet", 4096, 64),
    ("convnext_tiny", 768, 64),
    ("inception_v3", 2048, 75),
    ("maxvit_t", 512, 224),
    ("squeezenet1_0", 512, 64),
    ("swin_v2_t", 768, 64),
    ("vgg11_bn", 4096, 32),
    ("vit_b_32", 768, 224),
    ("wide_resnet50_2", 2048, 64),
]
# The first of each family of the library, by its name without figures: the blocks of a family lie alike.
SMALLEST = {re.sub(r"(_v\d|\d).*", "", name): name for name in reversed(list_models(module=library))}.values()


def described(name: str, **arguments: object) -> Architecture:
    return Architecture(source="torchvision", name=name, arguments=arguments)


def backbone_of(network: nn.Module, architecture: Architecture, size: int) -> Backbone:
    body, head = split(network)
    width = measure(architecture, size=(size, size)).width
    card = ModelCard(id="x", source="torchvision")
    return TorchvisionBackbone(body, card=card, architecture=architecture, width=width, head=head).eval()


@pytest.mark.parametrize(("name", "width", "size"), FAMILIES)
@torch.no_grad()
def test_every_family_is_split_where_the_library_classifies(name: str, width: int, size: int) -> None:
    torch.manual_seed(0)
    architecture = described(name)
    network = create(architecture, classes=CLASSES).eval()
    for module in network.modules():
        if isinstance(module, nn.Linear) and not module.weight.any():
            nn.init.normal_(module.weight)  # a vision transformer's classifier begins at nought
    inputs = torch.randn(2, 3, size, size)
    theirs = network(inputs)
    backbone = backbone_of(network, architecture, size)
    pooled = backbone(inputs).pooled
    assert pooled is not None
    assert pooled.shape == (2, width) == (2, backbone.width)
    logits = backbone.source_logits(pooled)
    if name.startswith("squeezenet"):
        assert logits is None
    else:
        assert logits is not None
        torch.testing.assert_close(logits, theirs, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", SMALLEST)
def test_every_classifier_is_laid_out_in_groups_of_blocks(name: str) -> None:
    architecture = described(name)
    network = laid_out(architecture)
    assert {parameter.device.type for parameter in network.parameters()} == {"meta"}
    body, _ = split(network)
    groups = TorchvisionBackbone(
        body, card=ModelCard(id="x", source="torchvision"), architecture=architecture, width=1, head=None
    ).layer_groups()
    names = [parameter for group in groups for parameter in group]
    assert names == [f"body.{parameter}" for parameter, _ in body.named_parameters()]
    assert 6 < len(groups) < 120
    if name.startswith("vit"):
        layers = [{parameter.split(".")[3] for parameter in group if ".layers." in parameter} for group in groups]
        assert [len(found) for found in layers] == [0, 0, 0, *[1] * (len(groups) - 4), 0]


def test_the_facts_of_a_layout() -> None:
    found = measure(described("resnet18"), size=(224, 224))
    assert found == (512, 11_176_512, False, True)
    assert measure(described("vit_b_16", image_size=384), size=(384, 384)).fixed_size
    assert measure(described("maxvit_t"), size=(224, 224)).fixed_size
    assert not measure(described("squeezenet1_1"), size=(224, 224)).logits
    with pytest.raises(ModelError, match="cannot be run at 224 x 224"):
        measure(described("vit_b_16", image_size=384), size=(224, 224))


def test_dropout_before_the_classifier_goes_with_it_and_no_other() -> None:
    for name, left in (("efficientnet_b0", 0), ("googlenet", 0), ("mobilenet_v3_small", 0), ("alexnet", 2)):
        body, _ = split(laid_out(described(name)))
        found = [module for module in body.modules() if type(module) is nn.Dropout and module.p > 0]
        assert len(found) == left, name


def test_classifiers_on_the_way_are_left_out(tmp_path: Path) -> None:
    torch.manual_seed(0)
    full = get_model("googlenet", weights=None, num_classes=CLASSES, aux_logits=True, init_weights=False).eval()
    torch.save(full.state_dict(), tmp_path / "weights.pth")
    network = create_pretrained(described("googlenet"), tmp_path / "weights.pth", model="m").eval()
    inputs = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(network(inputs), full(inputs))
    assert sum(1 for _ in network.parameters()) < sum(1 for _ in full.parameters())


def test_old_names_of_densenet_are_known() -> None:
    network = torchvision_network("densenet121")
    now = network.state_dict()
    old = {name.replace(".norm1.", ".norm.1.").replace(".conv2.", ".conv.2."): value for name, value in now.items()}
    old = {name: value for name, value in old.items() if not name.endswith("num_batches_tracked")}
    assert old.keys() != now.keys()
    found = fitting(old, network)
    assert found.keys() == now.keys()
    assert misfits({name: tuple(value.shape) for name, value in found.items()}, now) == []


def test_a_saved_mnasnet_is_restored_without_the_version_that_safetensors_loses(tmp_path: Path) -> None:
    network = torchvision_network("mnasnet0_5")
    save_file(network.state_dict(), tmp_path / "model.safetensors")
    again = create_pretrained(described("mnasnet0_5"), tmp_path / "model.safetensors", model="m")
    backbone, other = (backbone_of(one, described("mnasnet0_5"), 64) for one in (again, copy.deepcopy(again)))
    other.load_state_dict(dict(backbone.state_dict()))
    with pytest.raises(ValueError, match="version"):
        get_model("mnasnet0_5", num_classes=CLASSES).load_state_dict(OrderedDict(network.state_dict().items()))


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    weights = torchvision_network("resnet18").state_dict()
    file = tmp_path / "weights.pth"
    for change, message in (
        ({"extra": torch.zeros(1)}, "1 are too many"),
        ({"layer1.0.conv1.weight": torch.zeros(1)}, "has the shape"),
    ):
        torch.save({**weights, **change}, file)
        with pytest.raises(ModelError, match=message):
            create_pretrained(described("resnet18"), file, model="m")
    torch.save({name: value for name, value in weights.items() if not name.startswith("layer1")}, file)
    with pytest.raises(ModelError, match="are missing"):
        create_pretrained(described("resnet18"), file, model="m")
    torch.save(weights, file)
    with pytest.raises(ModelError, match=r"have no classifier\.6\.weight"):
        create_pretrained(described("alexnet"), file, model="m")


def test_a_pickle_that_would_run_code_is_refused(tmp_path: Path) -> None:
    torch.save(torchvision_network("shufflenet_v2_x0_5"), tmp_path / "network.pth")
    with pytest.raises(ModelError, match="never does"):
        create_pretrained(described("shufflenet_v2_x0_5"), tmp_path / "network.pth", model="m")


def test_half_precision_becomes_single(tmp_path: Path) -> None:
    full = torchvision_network("shufflenet_v2_x0_5").state_dict()
    weights = {name: value.half() for name, value in full.items() if value.is_floating_point()}
    save_file(weights, tmp_path / "model.safetensors")
    network = create_pretrained(described("shufflenet_v2_x0_5"), tmp_path / "model.safetensors", model="m")
    assert {value.dtype for value in network.state_dict().values() if value.is_floating_point()} == {torch.float32}


def test_a_description_may_not_ask_for_more_than_a_network() -> None:
    with pytest.raises(ModelError, match="may not set 'weights'"):
        create(described("resnet18", weights="DEFAULT"))
    with pytest.raises(ModelError, match="could not build nothing"):
        create(described("nothing"))


def test_classes_are_counted_where_the_classifier_is() -> None:
    shapes = {name: tuple(value.shape) for name, value in torchvision_network("squeezenet1_1").state_dict().items()}
    assert classes_of(shapes, described("squeezenet1_1"), model="m") == CLASSES
