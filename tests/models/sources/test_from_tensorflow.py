"""The tfhub source: folders, the cache of tensorflow_hub, and what can be done without a gradient."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from headstart import load, models
from headstart.core.errors import ModelError, OptionError
from headstart.core.options import FitOptions, StrategyOptions
from headstart.models.keras.network import KerasBackbone
from headstart.models.sources.from_tensorflow import cached
from headstart.models.tensorflow import process as tensorflow_process
from headstart.pipeline import fit
from tests.models.hub_samples import says_the_same

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
    with pytest.raises(ModelError, match="Unknown option 'feature' in .* Did you mean 'features'"):
        models.load(f"{_touched(tmp_path)}#feature=output")


def _touched(folder: Path) -> Path:
    (folder / "saved_model.pb").touch()
    return folder


def test_without_layers_neither_fresh_weights_nor_a_place_can_be_had(saved_model_folder: Path) -> None:
    model = str(saved_model_folder / "good")
    with pytest.raises(ModelError, match="cannot be had with fresh weights, as its layers cannot be built: nothing in"):
        models.load(model, pretrained=False)
    with pytest.raises(ModelError, match="#features= is for layers, and those of .* cannot be had: #output= says"):
        models.load(f"{model}#features=output#output=default#size=16")
    assert models.card(f"{model}#size=16", pretrained=False).gives == ("pooled",)


def test_a_card_promises_features_and_no_gradient(saved_model_folder: Path) -> None:
    card = models.card(f"{saved_model_folder / 'good'}#size=16")
    assert (card.source, card.width, card.gives, card.parameters) == ("tfhub", 8, ("pooled",), 256)
    assert "no gradient" in card.note
    assert "It is not trained as layers of Keras: nothing in it describes its layers: it has no keras" in card.note
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
    assert any("It is not trained as layers" in reason.why for reason in run.record.plan.reasons)
    automatic = fit(data(), output=tmp_path / "auto", options=options)
    reasons = {reason.choice: reason for reason in automatic.record.plan.reasons}
    assert "no gradient" in reasons["network"].why
    assert "no gradient" in reasons["fine-tuning"].why
    assert {view.name for view in automatic.record.views} == {"probe"}
    shutil.rmtree(folder)
    pictures = list(data()[0][:4])
    assert load(run.folder).predict(pictures, device="cpu") == run.predict(pictures, device="cpu")
    assert models.card(str(run.folder)).gives == ("pooled",)


def test_what_keras_2_saved_is_a_network_of_layers(keras_2_folder: Path) -> None:
    backbone, known = models.load(str(keras_2_folder / "layered")), np.load(keras_2_folder / "layered.npz")
    card = backbone.card
    assert (card.source, card.width, card.gives) == ("tfhub", 12, ("pooled", "logits", "gradient"))
    assert card.input.std == (1 / 255,) * 3  # type: ignore[union-attr]  # it scales values of 0..255 itself
    assert "they say what TensorFlow says" in card.note
    inputs = torch.from_numpy(known["pictures"]).permute(0, 3, 1, 2)
    says_the_same(backbone, inputs, torch.from_numpy(known["said"]))
    names = sorted(name for name, _ in backbone.named_parameters())
    assert names == sorted(name for group in backbone.layer_groups() for name in group)
    assert models.card(f"{keras_2_folder / 'layered'}#features=after:stem_conv").width == 8
    fresh = models.load(str(keras_2_folder / "layered"), pretrained=False)
    assert isinstance(fresh, KerasBackbone)
    assert (fresh.card.pretrained_on, fresh.card.revision) == ("", "")
    assert not any(torch.equal(value, backbone.get_parameter(name)) for name, value in fresh.named_parameters())


def test_a_description_in_the_graph_of_objects_is_found_as_well(keras_2_folder: Path) -> None:
    older, layered = (models.load(str(keras_2_folder / name)) for name in ("older", "layered"))
    assert older.card.gives == layered.card.gives
    state = layered.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in older.state_dict().items())


def test_a_run_of_such_layers_trains_and_needs_tensorflow_no_more(
    keras_2_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = StrategyOptions(epochs=1, augmentation="none", learning_rate=1e-3)
    model = str(keras_2_folder / "layered")
    options = FitOptions(model=model, strategy="full", device="cpu", settings=settings)
    pictures, labels = data()
    pictures = pictures.repeat(2, 1).repeat(2, 2)
    run = fit((pictures, labels), output=tmp_path / "run", options=options)
    said = run.predict(list(pictures[:4]), device="cpu")
    assert "network" not in {reason.choice for reason in run.record.plan.reasons}

    def refuse(*arguments: Any, **options: Any) -> Any:
        raise AssertionError("TensorFlow was started")

    monkeypatch.setattr(tensorflow_process, "process_of", refuse)
    assert load(run.folder).predict(list(pictures[:4]), device="cpu") == said
    assert not (run.folder / "saved_model.zip").exists()
    assert "gradient" in models.card(str(run.folder)).gives


@pytest.mark.parametrize(
    ("name", "why", "std"),
    [
        ("operations", "Keras 3 has no such layers, or they are code: TFOpLambda.", 1 / 255),
        ("exported", "has no keras_metadata.pb", 1.0),
    ],
)
def test_what_cannot_be_built_again_is_frozen_and_says_why(
    keras_2_folder: Path, name: str, why: str, std: float
) -> None:
    backbone = models.load(str(keras_2_folder / name))
    assert backbone.card.gives == ("pooled",)
    assert why in backbone.card.note
    assert backbone.card.input.std == (std,) * 3  # type: ignore[union-attr]
    assert ("0..1 are assumed" in backbone.card.note) == (std == 1.0)
