"""The keras source: applications, files, and runs that are made of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from headstart import load, models
from headstart.core.errors import ModelError
from headstart.core.options import FitOptions, StrategyOptions
from headstart.models.sources.from_keras import SOURCE, cached
from headstart.pipeline import fit
from tests.models.hub_samples import needs_keras, says_the_same


@pytest.fixture
def files(keras_folder: Path) -> Path:
    return keras_folder


def test_applications_are_listed_without_importing_keras() -> None:
    found = "print(len(SOURCE.cards()), 'keras' in sys.modules)"
    code = f"import sys; from headstart.models.sources.from_keras import SOURCE; {found}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["40", "False"]
    (card,) = SOURCE.cards("keras/MobileNetV2")
    assert card.input is not None
    assert (card.id, card.input.size) == ("keras/MobileNetV2", (224, 224))  # type: ignore[union-attr]


APPLICATION = """
import os
os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np

keras.utils.set_random_seed(0)
network = keras.applications.MobileNetV2(weights=None)
network.save_weights("own.weights.h5")
pictures = np.random.default_rng(0).integers(0, 256, (1, 224, 224, 3)).astype("float32")
prepared = keras.applications.mobilenet_v2.preprocess_input(pictures.copy())
np.savez("said.npz", pictures=pictures, said=np.asarray(network.predict(prepared, verbose=0)))
"""


def test_an_application_with_weights_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Random weights, because the published ones cannot be had here: the graph and the preparation are what counts."""
    needs_keras()
    subprocess.run([sys.executable, "-c", APPLICATION], cwd=tmp_path, check=True, capture_output=True)
    monkeypatch.chdir(tmp_path)
    backbone = models.load("keras/MobileNetV2:./own.weights.h5")
    card = backbone.card
    assert (card.parameters, card.width, card.gives) == (2_223_872, 1280, ("pooled", "logits", "gradient"))
    assert card.revision.startswith("sha256:")
    assert models.available(card.id) == "cached"
    known = np.load("said.npz")
    inputs = (torch.from_numpy(known["pictures"]).permute(0, 3, 1, 2) / 255 - 0.5) / 0.5
    says_the_same(backbone, inputs, torch.from_numpy(known["said"]))
    assert 10 < len(backbone.layer_groups()) < 30


def test_what_cannot_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needs_keras()
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    for model, said in (
        ("keras/MobileNetV22", "Did you mean 'MobileNetV2'"),
        ("keras/MobileNetV3Small", "the network may not be used"),
        ("keras/MobileNetV2:./none.h5", "is not there"),
        ("keras/MobileNetV2#size=3", "Unknown option 'size'"),
    ):
        with pytest.raises(ModelError, match=said):
            models.card(model)
    assert cached("MobileNetV2") is None
    assert models.available("keras/MobileNetV2") == "missing"


def test_a_file_says_how_its_pictures_are_prepared_where_it_does_so_itself(files: Path) -> None:
    card = models.card(str(files / "classifier.keras"))
    assert card.input is not None
    assert (card.input.size, card.width, card.source) == ((32, 32), 12, "keras")  # type: ignore[union-attr]
    assert card.input.std == (1 / 255,) * 3  # type: ignore[union-attr]
    assert "0..1 are assumed" not in card.note
    grey = models.card(str(files / "grey.keras"))
    assert "0..1 are assumed" in grey.note
    assert grey.input.channels == 1  # type: ignore[union-attr]
    with pytest.raises(ModelError, match="takes 1 channels, not 3"):
        models.load(str(files / "grey.keras"), channels=3)
    with pytest.raises(ModelError, match="does not exist"):
        models.card(str(files / "none.keras"))


def test_a_run_of_it_trains_saves_and_loads(files: Path, tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).integers(0, 255, (24, 32, 32, 3), dtype=np.uint8)
    labels = np.arange(24) % 2
    pictures[labels == 1, :, :, 0] = 250
    options = FitOptions(
        model=str(files / "classifier.keras"),
        strategy="full",
        device="cpu",
        settings=StrategyOptions(epochs=1, augmentation="none", learning_rate=1e-3),
    )
    run = fit((pictures, labels), output=tmp_path / "run", options=options)
    said = run.predict(list(pictures[:4]), device="cpu")
    assert load(run.folder).predict(list(pictures[:4]), device="cpu") == said
    before, after = models.load(str(files / "classifier.keras")), models.load(str(run.folder))
    state = before.state_dict()
    same = {name for name, value in after.state_dict().items() if torch.equal(value, state[name])}
    assert all(name in same for name in state if "running" in name)
    assert "body.2_Conv2D.kernel" not in same or run.record.best_epoch == 0
