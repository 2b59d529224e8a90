"""The tfhub source: folders, the cache of tensorflow_hub, and what can be done without a gradient."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headstart import load, models
from headstart.core.errors import ModelError, OptionError
from headstart.core.options import FitOptions
from headstart.models.from_tensorflow import cached
from headstart.pipeline import fit

HANDLE = "google/imagenet/small/feature_vector/5"


def data() -> Any:
    pictures = np.random.default_rng(0).integers(0, 255, (24, 16, 16, 3), dtype=np.uint8)
    labels = np.arange(24) % 2
    pictures[labels == 1, :, :, 0] = 250
    return pictures, labels


def test_a_handle_is_looked_up_where_tensorflow_hub_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path))
    assert models.available(f"tfhub/{HANDLE}") == "missing"
    with pytest.raises(ModelError, match="is not on this machine") as raised:
        models.pull(f"tfhub/{HANDLE}")
    assert "--model ./FOLDER" in raised.value.hint
    place = tmp_path / hashlib.sha1(f"https://tfhub.dev/{HANDLE}".encode()).hexdigest()
    place.mkdir()
    (place / "saved_model.pb").touch()
    assert cached(HANDLE) == place
    assert models.available(f"tfhub/{HANDLE}") == "cached"
    assert models.resolve(str(place)) == ("tfhub", f"local-dir:{place}")


def test_what_cannot_be_asked_for(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").touch()
    with pytest.raises(ModelError, match="cannot be had with fresh weights"):
        models.load(str(tmp_path), pretrained=False)
    with pytest.raises(ModelError, match="Unknown option 'features'"):
        models.load(f"{tmp_path}#features=output")


def test_a_card_promises_features_and_no_gradient(saved_model_folder: Path) -> None:
    card = models.card(f"{saved_model_folder / 'good'}#size=16")
    assert (card.source, card.width, card.gives, card.parameters) == ("tfhub", 8, ("pooled",), 256)
    assert "no gradient" in card.note
    assert not card.input.fixed_size  # type: ignore[union-attr]
    with pytest.raises(ModelError, match="which of its outputs are the features"):
        models.card(str(saved_model_folder / "two"))
    maps = models.card(f"{saved_model_folder / 'two'}#output=maps")
    assert (maps.width, maps.input.size, maps.input.fixed_size) == (8, (16, 16), True)  # type: ignore[union-attr]


def test_only_strategies_on_its_features_are_carried_out(saved_model_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(saved_model_folder / "good", tmp_path / "good")
    options = FitOptions(model=f"{folder}#size=16", device="cpu")
    for strategy in ("lp-ft", "full", "lora"):
        with pytest.raises(OptionError, match=f"--strategy {strategy} trains .* no gradient") as raised:
            fit(data(), output=tmp_path / strategy, options=options.model_copy(update={"strategy": strategy}))
        assert "linear-probe or auto" in raised.value.hint
    probe = options.model_copy(update={"strategy": "linear-probe"})
    run = fit(data(), output=tmp_path / "probe", options=probe)
    assert run.metrics["accuracy"] == 1.0
    automatic = fit(data(), output=tmp_path / "auto", options=options)
    reasons = {reason.choice: reason for reason in automatic.record.plan.reasons}
    assert "no gradient" in reasons["network"].why
    assert "no gradient" in reasons["fine-tuning"].why
    assert {view.name for view in automatic.record.views} == {"probe"}
    shutil.rmtree(folder)
    pictures = list(data()[0][:4])
    assert load(run.folder).predict(pictures, device="cpu") == run.predict(pictures, device="cpu")
    assert models.card(str(run.folder)).gives == ("pooled",)
