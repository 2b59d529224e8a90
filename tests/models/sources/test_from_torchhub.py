"""The torchhub source: ids, cards, consent, and a run that loads without the hub."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headstart import load, models
from headstart.core.errors import ModelError
from headstart.core.options import FitOptions
from headstart.models.sources.from_torchhub import is_cached
from headstart.pipeline import fit
from tests.models.hub_samples import hub_folder

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEADSTART_ALLOW_CODE", "1")
    return hub_folder(tmp_path / "net")


def test_a_card_says_what_was_found_and_what_is_assumed(folder: Path) -> None:
    card = models.card(f"{folder}:small")
    assert (card.id, card.source, card.width, card.parameters) == (f"{folder}:small", "torchhub", 8, 620)
    assert card.gives == ("pooled", "logits", "gradient")
    assert "before:head" in card.note
    assert "are assumed" in card.note
    assert "assumed" not in models.card(f"{folder}:small#size=32#mean=0.5#std=0.5").note
    assert models.card(f"{folder}:small#size=32").revision == models.card(f"{folder}:small#size=32").revision
    assert models.available(f"{folder}:small") == "local"


def test_a_model_of_a_relative_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    assert models.resolve("./net:small#size=32") == ("torchhub", "local-dir:net:small#size=32")
    assert models.card("./net:small#size=32").id == "./net:small#size=32"
    assert models.load(models.card("./net:maps#features=output#size=32").id).width == 8


def test_nothing_runs_and_nothing_is_fetched_without_consent(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADSTART_ALLOW_CODE")
    for model in (f"{folder}:small", f"torchhub/owner/repo:small@{COMMIT}"):
        for call in (models.card, models.load, models.pull):
            with pytest.raises(ModelError, match="runs the Python code of") as raised:
                call(model)
            assert "--allow-code" in raised.value.hint


def test_fresh_weights_only_where_the_code_can_be_asked_for_them(folder: Path) -> None:
    fresh = models.load(f"{folder}:small#size=32", pretrained=False)
    assert fresh.card.pretrained_on == ""
    assert fresh.card.revision.count("+") == 0
    with pytest.raises(ModelError, match="cannot be had with fresh weights"):
        models.load(f"{folder}:untold", pretrained=False)


def test_other_channels_have_to_be_said_in_the_id(folder: Path) -> None:
    with pytest.raises(ModelError, match="takes 3 channels, not 1") as raised:
        models.load(f"{folder}:small", channels=1)
    assert "#channels=1" in raised.value.hint


def test_a_repository_of_the_cache(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    model = f"torchhub/owner/repo:small@{COMMIT}#size=32"
    assert is_cached(model.partition("/")[2]) is None
    assert models.available(model) == "missing"
    place = tmp_path / "torch" / "hub" / f"owner_repo_{COMMIT}"
    place.parent.mkdir(parents=True)
    folder.rename(place)
    assert models.available(model) == "cached"
    card = models.card(model)
    assert (card.id, card.location) == (model, str(place))
    assert card.revision.startswith(f"{COMMIT}+")


def test_a_run_loads_without_the_hub_and_asks_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = np.random.default_rng(0).integers(0, 255, (24, 16, 16, 3), dtype=np.uint8)
    labels = np.arange(24) % 2
    pictures[labels == 1, :, :, 0] = 250
    options = FitOptions(model=f"{folder}:small#size=16", strategy="linear-probe", device="cpu")
    run = fit((pictures, labels), output=tmp_path / "run", options=options)
    said = run.predict(list(pictures[:4]), device="cpu")
    folder.rename(tmp_path / "away")
    monkeypatch.delenv("HEADSTART_ALLOW_CODE")
    with pytest.raises(ModelError, match="runs the Python code of a local folder, which travels with the run"):
        load(run.folder).predict(list(pictures[:4]), device="cpu")
    monkeypatch.setenv("HEADSTART_ALLOW_CODE", "1")
    assert load(run.folder).predict(list(pictures[:4]), device="cpu") == said
    assert models.load(str(run.folder)).width == 8
