from __future__ import annotations

import json
from pathlib import Path

import pytest

from headstart import models
from headstart.core.card import Architecture, TextInput
from headstart.core.errors import ModelError
from headstart.models.texts.network import TextBackbone
from headstart.models.transformers.texts import build_text_backbone, is_encoder
from tests.encoders import LENGTH, write_encoder


def test_the_card_says_what_it_reads(tmp_path: Path) -> None:
    folder = write_encoder(tmp_path / "encoder")
    (folder / "README.md").write_text("---\nlicense: apache-2.0\ndatasets:\n- one\n- two\n---\n")
    card = models.card(str(folder))
    backbone = models.load(str(folder))
    assert isinstance(backbone, TextBackbone)
    assert card == backbone.card
    assert (card.modality, card.width, card.licence, card.pretrained_on) == ("text", 16, "Apache-2.0", "one, two")
    assert card.parameters == sum(parameter.numel() for parameter in backbone.parameters())
    assert card.input == TextInput(tokenizer=backbone.tokenizer.fingerprint, length=LENGTH)
    assert card.revision.startswith("sha256:")


def test_the_pooling_is_the_folders(tmp_path: Path) -> None:
    folder = write_encoder(tmp_path / "encoder")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    assert models.load(str(folder)).architecture.arguments["pooling"] == "first"
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_lasttoken": True}))
    assert "mean is taken instead" in models.card(str(folder)).note


def test_without_weights_it_starts_fresh(tmp_path: Path) -> None:
    folder = write_encoder(tmp_path / "encoder")
    fresh, known = models.load(str(folder), pretrained=False), models.load(str(folder))
    assert fresh.card.pretrained_on == ""
    names = [name for name, value in fresh.state_dict().items() if value.ndim > 1]
    assert not any(fresh.state_dict()[name].equal(known.state_dict()[name]) for name in names)


def test_channels_make_no_sense(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="they have no channels"):
        models.load(str(write_encoder(tmp_path)), channels=3)


def test_what_is_an_encoder() -> None:
    assert is_encoder({"model_type": "bert"})
    assert not is_encoder({"model_type": "vit"})
    assert not is_encoder({"model_type": "mbart", "is_encoder_decoder": True})
    assert not is_encoder({})


def test_an_incomplete_description_is_refused(tmp_path: Path) -> None:
    card = models.card(str(write_encoder(tmp_path)))
    with pytest.raises(ModelError, match="incomplete"):
        build_text_backbone(Architecture(source="hf", name="bert"), card)
