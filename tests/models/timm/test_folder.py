"""A network that was trained here, as a folder in timm's form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from headstart.core.errors import ModelError, OptionError
from headstart.models.timm.folder import SourceTask, fresh, write_folder
from headstart.models.timm.network import TimmBackbone
from tests.train.tiny import TinyBackbone

TASK = SourceTask(("ant", "bee", "wasp"), data="Insects", licence="mit")


def written(folder: Path, name: str = "test_resnet") -> TimmBackbone:
    backbone = fresh(name, arguments={}, size=32, classes=3)
    assert isinstance(backbone, TimmBackbone)
    write_folder(folder, backbone, weight=torch.ones(3, backbone.width), bias=torch.arange(3.0), task=TASK)
    return backbone


def test_scales_and_statistics_are_stored_in_full_and_the_rest_in_half_precision(tmp_path: Path) -> None:
    written(tmp_path)
    for name, value in load_file(tmp_path / "model.safetensors").items():
        if value.is_floating_point():
            assert value.dtype == (torch.float16 if value.ndim > 1 else torch.float32), name


def test_what_does_not_fit_in_half_precision_is_stored_in_full(tmp_path: Path) -> None:
    backbone = fresh("test_resnet", arguments={}, size=32, classes=3)
    large = torch.full((3, backbone.width), 1e6)
    write_folder(tmp_path, backbone, weight=large, bias=torch.zeros(3), task=TASK)
    assert torch.equal(load_file(tmp_path / "model.safetensors")["fc.weight"], large)


@pytest.mark.parametrize("name", ["test_resnet", "mobilenetv3_small_050", "test_vit"])
def test_timm_loads_body_and_head(tmp_path: Path, name: str) -> None:
    import timm

    backbone = written(tmp_path, name)
    network = timm.create_model(f"local-dir:{tmp_path}", pretrained=True).eval()
    inputs = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        pooled = backbone.eval()(inputs).pooled
        assert pooled is not None
        torch.testing.assert_close(
            network(inputs), pooled.sum(1, keepdim=True) + torch.arange(3.0), rtol=0.01, atol=0.05
        )


def test_the_description_names_classes_preprocessing_and_the_first_layer(tmp_path: Path) -> None:
    written(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert (config["architecture"], config["num_classes"], config["label_names"]) == (
        "test_resnet",
        3,
        list(TASK.labels),
    )
    facts = config["pretrained_cfg"]
    assert (facts["input_size"], facts["crop_pct"], facts["classifier"]) == ([3, 32, 32], 1.0, "fc")
    assert (facts["first_conv"], facts["license"], facts["description"]) == ("conv1.0", "mit", "Insects")


def test_arguments_that_are_decided_elsewhere_are_refused_together() -> None:
    with pytest.raises(OptionError) as caught:
        fresh("test_resnet", arguments={"num_classes": 7, "checkpoint_path": "x"}, size=32, classes=3)
    assert len(caught.value.problems) == 2


def test_a_network_of_another_library_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="network of timm"):
        write_folder(tmp_path, TinyBackbone(), weight=torch.ones(3, 8), bias=torch.zeros(3), task=TASK)
