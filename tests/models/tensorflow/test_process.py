"""SavedModels in processes of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headstart.core.errors import ModelError
from headstart.models.tensorflow import process as tensorflow_process
from headstart.models.tensorflow.process import Asked, Process, process_of


def test_without_tensorflow_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensorflow_process, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match="m runs in TensorFlow, which is not installed") as raised:
        Process(Asked(tmp_path), model="m")
    assert "headstart[tensorflow]" in raised.value.hint


def test_features_are_those_of_tensorflow(saved_model_folder: Path) -> None:
    asked = Asked(saved_model_folder / "good")
    run = process_of(asked, digest="d", model="m")
    assert process_of(asked, digest="d", model="m") is run
    assert run.facts == {
        "signature": "serving_default",
        "output": "default",
        "input": [None, None, None, 3],
        "parameters": 3 * 3 * 3 * 8 + 8 * 5,
        "bytes": 0,
    }
    known = np.load(saved_model_folder / "said.npz")
    assert np.abs(run(known["images"]) - known["features"]).max() <= 1e-6
    with pytest.raises(ModelError, match="TensorFlow cannot run m"):
        run(known["images"][..., :2])
    assert run(known["images"]).shape == (4, 8)  # an error ends nothing
    assert process_of(Asked(saved_model_folder, "serving_default", "default"), digest="d", model="m") is run
    message, values = run.layers()
    assert values is None
    assert "keras_metadata.pb" in message["reason"]
    run.close()
    with pytest.raises(ModelError, match="has ended"):
        run(known["images"])


def test_keras_on_torch_elsewhere_does_not_matter(saved_model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    run = Process(Asked(saved_model_folder / "good"), model="m")
    known = np.load(saved_model_folder / "said.npz")
    assert np.abs(run(known["images"]) - known["features"]).max() <= 1e-6
    run.close()


@pytest.mark.parametrize(
    ("name", "said"),
    [("writing", "has the operations WriteFile"), ("table", "not pictures")],
)
def test_what_is_no_model_of_pictures_is_refused(saved_model_folder: Path, name: str, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        Process(Asked(saved_model_folder / name), model="m")
    assert not (saved_model_folder / "written.txt").exists()
