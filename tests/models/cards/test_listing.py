"""The list of models at hand, which is made without any library of models."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from headstart import models
from headstart.models import bundled as bundled_models
from headstart.models import bundled_texts
from headstart.models.cards.listing import at_hand, where
from headstart.models.catalogue import catalogued
from tests.encoders import write_encoder
from tests.models.samples import into_cache, timm_folder, transformers_folder, write_json


@pytest.fixture
def filled(tmp_path: Path, hub_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bundled_models, "home", lambda: tmp_path / "starter")
    monkeypatch.setattr(bundled_texts, "home", lambda: tmp_path / "starter")
    monkeypatch.setattr(bundled_texts, "PACKAGED", {})
    folder = timm_folder(tmp_path / "starter" / "tiny", "test_resnet")
    (folder / "MODEL_CARD.md").write_text("---\nlicense: apache-2.0\n---\n")
    into_cache(hub_cache, "timm/test_resnet.r160_in1k", folder)
    into_cache(hub_cache, "timm/resnet50.a1_in1k", folder)
    into_cache(hub_cache, "org/kinds", transformers_folder(tmp_path / "kinds", "resnet"))
    write_json(tmp_path / "text" / "config.json", {"architectures": ["BertModel"]})
    (tmp_path / "text" / "model.safetensors").touch()
    into_cache(hub_cache, "org/words", tmp_path / "text")
    return folder


def test_each_is_listed_once_with_where_it_lies(filled: Path) -> None:
    found = {card.id: where(card) for card in at_hand()}
    assert found["starter/tiny"] == "bundled"
    assert found["timm/test_resnet.r160_in1k"] == "cached"
    assert found["timm/resnet50.a1_in1k"] == "cached"
    assert found["hf/org/kinds"] == "cached"
    assert found["hf/facebook/dinov2-small"] == "hub"
    assert len(found) == len(catalogued()) + 3
    assert not any("words" in model for model in found)


def test_patterns(filled: Path) -> None:
    assert [card.id for card in at_hand("starter/*")] == ["starter/tiny"]
    assert at_hand("nothing*") == []


def test_what_is_said_of_a_bundled_model_is_true(filled: Path) -> None:
    (light,) = at_hand("starter/*")
    true = models.card("starter/tiny")
    for fact in ("id", "source", "parameters", "input", "pretrained_on", "licence", "location"):
        assert getattr(light, fact) == getattr(true, fact), fact


def test_what_is_said_of_the_models_that_are_really_bundled_is_true() -> None:
    for light in at_hand("starter/*"):
        true = models.card(light.id)
        # What a tokenizer is known by takes a library to find out.
        facts = ("parameters", "width", "pretrained_on", "licence", *(("input",) if light.modality == "image" else ()))
        for fact in facts:
            assert getattr(light, fact) == getattr(true, fact), (light.id, fact)


def test_what_is_said_of_a_cached_model_is_true(filled: Path) -> None:
    for model in ("timm/test_resnet.r160_in1k", "hf/org/kinds"):
        (light,) = at_hand(model)
        true = models.card(model)
        assert (light.source, light.revision, light.location) == (true.source, true.revision, true.location)


def test_listing_imports_no_library_of_models() -> None:
    code = (
        "import sys; from headstart.models.cards.listing import at_hand, where; [where(card) for card in at_hand()]; "
        "print({'torch', 'timm', 'transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_encoders_of_texts_are_listed_with_their_tokenizers(filled: Path, tmp_path: Path, hub_cache: Path) -> None:
    write_encoder(tmp_path / "starter" / "words")
    into_cache(hub_cache, "org/sentences", write_encoder(tmp_path / "sentences"))
    found = {card.id: (card.modality, where(card)) for card in at_hand()}
    assert found["starter/words"] == ("text", "bundled")
    assert found["hf/org/sentences"] == ("text", "cached")
    assert found["starter/tiny"] == ("image", "bundled")
    assert "hf/org/words" not in found
