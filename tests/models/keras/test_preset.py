"""Presets of KerasHub: known by their config, prepared as their converter says, and the same outputs as KerasHub's."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from headstart import models
from headstart.core.errors import ModelError
from headstart.models.files.folder import is_keras_preset, source_of
from headstart.models.keras import library as keras_library
from headstart.models.keras.preset import preset_facts, preset_note, read_preset
from tests.models.hub_samples import keras_presets, says_the_same
from tests.models.samples import write_json

CONFIG = {"class_name": "ResNetBackbone", "registered_name": "keras_hub>ResNetBackbone", "config": {}}
CONVERTER = {"image_size": [48, 32], "scale": 0.01, "offset": [-1.0, -2.0, -1.5], "interpolation": "lanczos3"}


def test_a_preset_is_known_by_its_config(tmp_path: Path) -> None:
    write_json(tmp_path / "config.json", CONFIG)
    assert source_of(tmp_path) == "keras"
    assert not is_keras_preset({"registered_name": None, "model_type": "resnet"})


@pytest.mark.parametrize("inside", [True, False])
def test_pictures_are_prepared_as_the_converter_says(inside: bool, tmp_path: Path) -> None:
    converter = {"config": CONVERTER}
    if inside:
        write_json(tmp_path / "preprocessor.json", {"config": {"image_converter": converter}})
    else:
        write_json(tmp_path / "image_converter.json", converter)
    facts = preset_facts(tmp_path)
    assert facts is not None
    assert (facts.size, facts.crop_fraction, facts.interpolation) == ((48, 32), 1.0, "lanczos")
    value, mean, std = 200.0, np.array(facts.mean), np.array(facts.std)
    np.testing.assert_allclose((value / 255 - mean) / std, 0.01 * value + np.array([-1.0, -2.0, -1.5]), atol=1e-5)
    write_json(tmp_path / "image_converter.json", {"config": {**CONVERTER, "interpolation": "by eye"}})
    with pytest.raises(ModelError, match="by 'by eye', which is not known"):
        preset_facts(tmp_path)


def test_without_a_converter_nothing_is_said(tmp_path: Path) -> None:
    assert preset_facts(tmp_path) is None
    write_json(tmp_path / "preprocessor.json", {"config": {"tokenizer": {}}})
    assert preset_facts(tmp_path) is None


def test_padded_pictures_are_stretched_and_the_card_says_so(tmp_path: Path) -> None:
    padded = {**CONVERTER, "crop_to_aspect_ratio": False, "pad_to_aspect_ratio": True}
    write_json(tmp_path / "image_converter.json", {"config": padded})
    facts = preset_facts(tmp_path)
    assert facts is not None
    assert facts.crop_mode == "squash"
    assert "stretched" in preset_note(tmp_path)
    write_json(tmp_path / "image_converter.json", {"config": CONVERTER})
    assert preset_note(tmp_path) == ""


def test_what_is_no_preset_and_what_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_json(tmp_path / "config.json", {"architecture": "resnet10t"})
    with pytest.raises(ModelError, match="does not describe a network of KerasHub"):
        read_preset(tmp_path)
    monkeypatch.setattr(keras_library, "library", lambda: None)
    monkeypatch.setitem(sys.modules, "keras_hub", None)
    with pytest.raises(ModelError) as caught:
        keras_library.hub_library()
    assert "pip install 'headstart[keras-hub]'" in caught.value.hint


def test_a_preset_says_what_it_says_in_its_library(tmp_path: Path) -> None:
    if find_spec("keras_hub") is None:
        pytest.skip("needs the extra keras-hub, which is not installed")
    folder = keras_presets(tmp_path)
    backbone, known = models.load(str(folder / "classifier")), np.load(folder / "said.npz")
    card = backbone.card
    assert (card.source, card.width, card.note) == ("keras", 64, "")
    assert card.gives == ("pooled", "logits", "gradient")
    mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (card.input.mean, card.input.std))  # type: ignore[union-attr]
    inputs = (torch.from_numpy(known["pictures"]).permute(0, 3, 1, 2) / 255 - mean) / std
    features = says_the_same(backbone, inputs, torch.from_numpy(known["said"]))
    with torch.no_grad():
        bare = models.load(str(folder / "backbone"))
        assert torch.equal(bare(inputs).pooled, features)  # type: ignore[arg-type]
    assert bare.card.gives == ("pooled", "gradient")
    assert len(backbone.layer_groups()) == 3
