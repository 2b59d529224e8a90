"""A SavedModel as a backbone that travels with a run."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch

from headstart import models
from headstart.core.card import Architecture, ModelCard
from headstart.core.errors import ModelError
from headstart.models.tensorflow.network import FILE, TensorflowBackbone


def test_without_its_files_it_says_what_is_missing() -> None:
    card = ModelCard(id="m", source="tfhub", width=3)
    architecture = Architecture(source="tfhub", name="m", arguments={"digest": "d", "signature": "", "output": ""})
    backbone = models.build(architecture, card)
    assert isinstance(backbone, TensorflowBackbone)
    assert (backbone.width, backbone.companions(), list(backbone.parameters())) == (3, {}, [])
    assert backbone.layer_groups() == ()
    with pytest.raises(ModelError, match="saved_model.zip is not beside its weights"):
        backbone(torch.zeros(1, 3, 8, 8))
    with pytest.raises(ModelError, match="Copy the whole folder|is missing"):
        backbone.take_companions({})
    with pytest.raises(ModelError, match="cannot be unpacked"):
        backbone.take_companions({FILE: b"nothing"})


def test_it_is_the_same_after_travelling(saved_model_folder: Path) -> None:
    backbone = models.load(f"{saved_model_folder / 'good'}#size=16")
    again = models.build(backbone.architecture, backbone.card)
    again.take_companions(backbone.companions())
    assert isinstance(again, TensorflowBackbone)
    assert again.folder != backbone.folder  # type: ignore[comparison-overlap]
    inputs = torch.rand(2, 3, 16, 16, requires_grad=True)
    pooled = copy.deepcopy(again)(inputs).pooled
    assert pooled is not None
    assert torch.equal(pooled, backbone(inputs).pooled)  # type: ignore[arg-type]
    assert not pooled.requires_grad
