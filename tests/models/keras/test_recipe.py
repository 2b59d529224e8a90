"""What is known of `keras.applications`, against Keras itself."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from headstart.core.errors import ModelError
from headstart.models.keras.library import library
from headstart.models.keras.recipe import SIDES, cached_weights, check_name, create, preparation
from tests.models.hub_samples import needs_keras


def test_the_names_are_those_of_keras() -> None:
    needs_keras()
    assert set(SIDES) == {name for name in dir(library().applications) if name[0].isupper()}


@pytest.mark.parametrize(
    "name",
    ["MobileNetV2", "ResNet50", "VGG16", "DenseNet121", "EfficientNetB0", "ConvNeXtTiny", "InceptionV3", "Xception"],
)
def test_pictures_are_prepared_as_keras_prepares_them(name: str) -> None:
    needs_keras()
    pictures = np.random.default_rng(0).integers(0, 256, (2, 5, 5, 3)).astype(np.float32)
    theirs = sys.modules[getattr(library().applications, name).__module__].preprocess_input(pictures.copy())
    found = preparation(name)
    ours = (pictures / 255 - np.array(found.facts.mean)) / np.array(found.facts.std)
    ours = ours[..., ::-1] if found.reversed else ours
    assert np.abs(ours - theirs).max() <= 1e-4
    assert found.facts.size == (SIDES[name],) * 2


def test_a_name_that_there_is_not() -> None:
    with pytest.raises(ModelError, match="Did you mean 'MobileNetV2'") as raised:
        check_name("MobilNetV2")
    assert "keras/NAME:FILE" in raised.value.hint


def test_cached_weights_are_found_by_their_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "models").mkdir()
    names = {
        "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5": "MobileNetV2",
        "mobilenet_1_0_224_tf.h5": "MobileNet",
        "resnet50v2_weights_tf_dim_ordering_tf_kernels.h5": "ResNet50V2",
        "resnet50_weights_tf_dim_ordering_tf_kernels.h5": "ResNet50",
        "efficientnetv2-b0.h5": "EfficientNetV2B0",
        "convnext_tiny.h5": "ConvNeXtTiny",
        "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5": "",
    }
    for file in names:
        (tmp_path / "models" / file).touch()
    for file, name in names.items():
        assert not name or cached_weights(name) == tmp_path / "models" / file
    assert cached_weights("VGG16") is None


def test_nothing_is_fetched_when_that_is_not_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needs_keras()
    library()
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(ModelError, match="the network may not be used") as raised:
        create("MobileNetV3Small", weights="imagenet", may_ask=True)
    assert "headstart models pull keras/MobileNetV3Small" in raised.value.hint
    (tmp_path / "bad.h5").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="could not build keras/MobileNetV3Small with the weights of"):
        create("MobileNetV3Small", weights=str(tmp_path / "bad.h5"))
