"""Weights of torchvision on this machine: what a folder says of them, and what it has to."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from headstart.core.errors import ModelError
from headstart.models.torchvision import file as torchvision_file
from headstart.models.torchvision.file import PREPROCESSING, from_file, from_folder
from headstart.models.torchvision.network import create
from headstart.models.torchvision.recipe import registered
from tests.models.samples import CLASSES, LABELS, change_json, torchvision_folder, torchvision_network, write_json

NAME = "shufflenet_v2_x0_5"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return torchvision_folder(tmp_path / "mine", NAME)


def test_a_folder_is_what_its_readme_and_its_preprocessing_say(folder: Path) -> None:
    recipe = from_folder(folder)
    assert (recipe.architecture, recipe.id, recipe.licence) == (NAME, str(folder), "MIT")
    assert (recipe.pretrained_on, recipe.labels, recipe.notes) == ("ImageNet-1k", tuple(LABELS), ())
    assert recipe.input.size == (64, 64)
    assert math.floor(64 / recipe.input.crop_fraction) == 72
    assert (recipe.input.mean, recipe.input.interpolation) == ((0.4, 0.5, 0.6), "bilinear")


def test_a_real_folder(shared_models: Path) -> None:
    recipe = from_folder(shared_models / "squeezenet1_1.imagenet")
    assert (recipe.architecture, recipe.pretrained_on, recipe.licence) == ("squeezenet1_1", "ImageNet-1k", "unknown")
    assert recipe.labels[:2] == ("tench", "goldfish")
    assert recipe.input == registered("squeezenet1_1").input


def test_of_several_architectures_the_weights_decide(folder: Path) -> None:
    (folder / "README.md").write_text(f"torchvision: resnet18 was the teacher of this {NAME}.")
    assert from_folder(folder).architecture == NAME


def test_the_folders_name_may_say_the_architecture(folder: Path) -> None:
    (folder / "README.md").write_text("A state dict of torchvision.")
    with pytest.raises(ModelError, match="names no network of torchvision") as raised:
        from_folder(folder)
    assert f"torchvision/NAME:{folder}" in raised.value.hint
    renamed = folder.rename(folder.with_name(f"{NAME}.kinds"))
    assert from_folder(renamed).architecture == NAME


def test_weights_of_another_architecture_are_refused(folder: Path) -> None:
    (folder / "README.md").write_text("torchvision's shufflenet_v2_x1_0")
    with pytest.raises(ModelError, match="not of shufflenet_v2_x1_0"):
        from_folder(folder)
    with pytest.raises(ModelError, match="have no classifier"):
        from_file("alexnet", str(folder))


def test_any_one_file_of_weights_will_do(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "trained.safetensors")
    assert from_folder(folder).file == folder / "trained.safetensors"
    (folder / "other.pth").touch()
    with pytest.raises(ModelError, match="holds no weights"):
        from_folder(folder)


def test_published_weights_are_known_by_their_hash(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = registered(NAME)
    monkeypatch.setattr(torchvision_file, "of_digits", lambda name, revision: known)
    recipe = from_file(NAME, str(folder / "model.safetensors"))
    assert (recipe.accuracy, recipe.labels, recipe.licence) == (known.accuracy, known.labels, known.licence)
    assert (recipe.file, recipe.address) == (folder / "model.safetensors", "")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"center_crop": "wide"}, "makes no sense"),
        ({"center_crop": 0}, "makes no sense"),
        ({"interpolation": "magic"}, "makes no sense"),
        ({"mean": 1}, "makes no sense"),
        ({"labels": ["one"]}, f"names 1 classes; the weights are for {CLASSES}"),
    ],
)
def test_preprocessing_that_makes_no_sense(folder: Path, change: dict[str, object], message: str) -> None:
    change_json(folder / PREPROCESSING, **change)
    with pytest.raises(ModelError, match=message):
        from_folder(folder)


def test_all_that_preprocessing_leaves_out_is_told_at_once(folder: Path) -> None:
    write_json(folder / PREPROCESSING, {"center_crop": 64})
    with pytest.raises(ModelError) as raised:
        from_folder(folder)
    assert [problem.rpartition(" ")[2] for problem in raised.value.problems] == [
        "`resize_shorter_side`.",
        "`mean`.",
        "`std`.",
    ]


def test_the_size_of_a_vision_transformer_is_that_of_its_positions(tmp_path: Path) -> None:
    from headstart.core.card import Architecture

    network = create(Architecture(source="torchvision", name="vit_b_32", arguments={"image_size": 96}), classes=2)
    weights = {name: value.half() for name, value in network.state_dict().items()}
    save_file(weights, tmp_path / "w.safetensors")
    recipe = from_file("vit_b_32", str(tmp_path / "w.safetensors"))
    assert (recipe.arguments, recipe.input.size) == ({"image_size": 96}, (96, 96))


def test_whether_googlenet_normalises_once_more_has_to_be_said(tmp_path: Path) -> None:
    torch.save(torchvision_network("googlenet").state_dict(), tmp_path / "w.pth")
    with pytest.raises(ModelError, match="normalises its pictures once more") as raised:
        from_file("googlenet", str(tmp_path / "w.pth"))
    assert "transform_input" in raised.value.hint
    said = {"resize_shorter_side": 72, "center_crop": 64, "mean": [0.5] * 3, "std": [0.5] * 3}
    (tmp_path / PREPROCESSING).write_text(json.dumps(said))
    with pytest.raises(ModelError, match="does not say `transform_input`"):
        from_file("googlenet", str(tmp_path / "w.pth"))
    (tmp_path / PREPROCESSING).write_text(json.dumps({**said, "transform_input": False}))
    assert from_file("googlenet", str(tmp_path / "w.pth")).arguments == {"transform_input": False}
