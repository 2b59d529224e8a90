"""Networks of transformers: built, filled, and split from their heads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import AutoModel

from headstart.core.errors import ModelError
from headstart.models.files.folder import read_config
from headstart.models.transformers.network import (
    architecture_of,
    create,
    create_pretrained,
    head_name,
    measure,
    split,
)
from tests.models.samples import CLASSES, TRANSFORMERS, transformers_folder


def described(folder: Path) -> Any:
    return architecture_of(read_config(folder), reverse=False)


def change_weights(folder: Path, change: Any) -> None:
    tensors = dict(load_file(folder / "model.safetensors"))
    change(tensors)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def test_the_description_has_no_labels_no_places_and_the_number_of_classes(tmp_path: Path) -> None:
    folder = transformers_folder(tmp_path / "a", "vit")
    config = described(folder).arguments["config"]
    assert config["num_labels"] == CLASSES
    assert not {"id2label", "label2id", "_name_or_path", "transformers_version"} & config.keys()
    assert str(tmp_path) not in str(config)


def test_a_description_of_the_body_alone_is_one_of_a_classifier(tmp_path: Path) -> None:
    folder = transformers_folder(tmp_path / "a", "deit", head=False)
    assert described(folder).arguments["config"]["architectures"] == ["DeiTForImageClassification"]


NEITHER = "neither image classifiers nor encoders of texts"


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"model_type": "bert"}, NEITHER),
        ({"model_type": "my_own", "auto_map": {"AutoModel": "code.py"}}, NEITHER),
        ({}, NEITHER),
        ({"model_type": "vit", "_attn_implementation": "someone/kernels"}, "asks for code of the hub"),
        ({"model_type": "vit", "quantization_config": {}}, "quantised"),
        ({"model_type": "vit", "hidden_size": "many"}, "cannot read the config|could not build"),
    ],
)
def test_configs_that_are_refused(config: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        create(architecture_of(config, reverse=False))


def test_a_network_that_cannot_be_built_is_no_traceback() -> None:
    broken = architecture_of({"model_type": "vit", "patch_size": 0}, reverse=False)
    with pytest.raises(ModelError, match="could not build this 'vit'"):
        create(broken)


def test_the_body_alone_has_no_head_and_all_of_its_weights(tmp_path: Path) -> None:
    folder = transformers_folder(tmp_path / "a", "dinov2", head=False)
    network, has_head = create_pretrained(described(folder), folder, model="m")
    assert not has_head
    plain = AutoModel.from_pretrained(folder).eval()
    inputs = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(network.dinov2(inputs).last_hidden_state, plain(inputs).last_hidden_state)


def test_a_pooler_is_a_whole_part_that_is_left_aside(tmp_path: Path) -> None:
    folder = transformers_folder(tmp_path / "a", "vit", head=False)
    assert any("pooler" in name for name in load_file(folder / "model.safetensors"))
    _, has_head = create_pretrained(described(folder), folder, model="m")
    assert not has_head


def test_a_weight_of_the_body_that_is_missing_is_refused(tmp_path: Path) -> None:
    folder = transformers_folder(tmp_path / "a", "vit")
    name = next(name for name in load_file(folder / "model.safetensors") if "layer" in name)
    change_weights(folder, lambda tensors: tensors.pop(name))
    with pytest.raises(ModelError, match="lack parts of the body"):
        create_pretrained(described(folder), folder, model="m")


def test_a_layer_too_many_is_refused(tmp_path: Path) -> None:
    folder = transformers_folder(tmp_path / "a", "vit", num_hidden_layers=3)
    small = transformers_folder(tmp_path / "b", "vit")
    with pytest.raises(ModelError, match="have parts too many"):
        create_pretrained(described(small), folder, model="m")


def test_another_shape_is_refused(tmp_path: Path) -> None:
    folder = transformers_folder(tmp_path / "a", "vit", hidden_size=64)
    small = transformers_folder(tmp_path / "b", "vit")
    with pytest.raises(ModelError):
        create_pretrained(described(small), folder, model="m")


def test_half_precision_weights_are_filled_into_full(tmp_path: Path) -> None:
    folder = transformers_folder(tmp_path / "a", "resnet")

    def halve(tensors: dict[str, torch.Tensor]) -> None:
        tensors.update({name: value.half() for name, value in tensors.items() if value.is_floating_point()})

    change_weights(folder, halve)
    network, _ = create_pretrained(described(folder), folder, model="m")
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}


def test_pickled_weights_with_code_in_them_are_refused(tmp_path: Path) -> None:
    from tests.models.files.test_weights import Touch

    folder = transformers_folder(tmp_path / "a", "resnet")
    (folder / "model.safetensors").unlink()
    torch.save({"x": Touch(tmp_path / "ran")}, folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match="never does"):
        create_pretrained(described(folder), folder, model="m")
    assert not (tmp_path / "ran").exists()


def test_dropout_before_the_head_goes_with_the_head() -> None:
    """MobileNet's default keeps one feature in a thousand, because it is the probability of keeping in TensorFlow."""
    architecture = architecture_of({"model_type": "mobilenet_v1", **TRANSFORMERS["mobilenet_v1"]}, reverse=False)
    network = create(architecture)
    assert any(isinstance(module, nn.Dropout) and module.p == 0.999 for module in network.modules())
    body, _ = split(network, model="m")
    assert not any(isinstance(module, nn.Dropout) for module in body.modules())


def test_tensorflows_decay_does_not_become_the_momentum() -> None:
    architecture = architecture_of({"model_type": "mobilenet_v1", **TRANSFORMERS["mobilenet_v1"]}, reverse=False)
    network = create(architecture)
    assert {module.momentum for module in network.modules() if isinstance(module, nn.BatchNorm2d)} == {0.9997}
    body, _ = split(network, model="m")
    assert {module.momentum for module in body.modules() if isinstance(module, nn.BatchNorm2d)} == {0.1}


@pytest.mark.parametrize("kind", TRANSFORMERS)
def test_measures_are_those_of_a_network_that_is_really_there(kind: str) -> None:
    architecture = architecture_of({"model_type": kind, **TRANSFORMERS[kind]}, reverse=False)
    body, _ = split(create(architecture), model="m")
    with torch.no_grad():
        pooled = body.eval()(pixel_values=torch.randn(1, 3, 32, 32)).logits
    measured = measure(architecture, model="m", size=(32, 32))
    assert measured.width == pooled.shape[1]
    assert measured.parameters == sum(parameter.numel() for parameter in body.parameters())


def test_which_networks_take_one_size_only() -> None:
    fixed = {
        kind: measure(
            architecture_of({"model_type": kind, **TRANSFORMERS[kind]}, reverse=False), model="m", size=(32, 32)
        ).fixed_size
        for kind in ("resnet", "convnext", "vit", "dinov2")
    }
    assert fixed == dict.fromkeys(fixed, False)


def test_a_size_that_the_network_refuses_is_no_traceback() -> None:
    architecture = architecture_of({"model_type": "dinov2", **TRANSFORMERS["dinov2"]}, reverse=False)
    with pytest.raises(ModelError, match="cannot be run at 2 x 2"):
        measure(architecture, model="m", size=(2, 2))


def test_more_than_one_head_is_refused() -> None:
    network = create(architecture_of({"model_type": "vit", **TRANSFORMERS["vit"]}, reverse=False))
    assert head_name(network, model="m") == "classifier"
    network.other = nn.Linear(4, CLASSES)
    with pytest.raises(ModelError, match="several parts"):
        head_name(network, model="m")
    network.other = network.classifier = nn.Identity()
    with pytest.raises(ModelError, match="no classifier"):
        head_name(network, model="m")
