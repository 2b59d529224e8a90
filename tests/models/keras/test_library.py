"""Keras on torch, and nothing of it changed for others."""

from __future__ import annotations

import random
import sys
from types import SimpleNamespace

import pytest
import torch

from headstart.core.errors import ModelError
from headstart.models.keras.library import holding, laid_out, library
from tests.models.hub_samples import needs_keras


def test_without_keras_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "meta_path", [])
    with pytest.raises(ModelError, match="not installed") as raised:
        library()
    assert "headstart[keras]" in raised.value.hint


def test_another_backend_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    other = SimpleNamespace(config=SimpleNamespace(backend=lambda: "jax"))
    monkeypatch.setitem(sys.modules, "keras", other)
    with pytest.raises(ModelError, match="imported with the backend 'jax'") as raised:
        library()
    assert "KERAS_BACKEND=torch" in raised.value.hint


def test_settings_are_as_before_and_weights_follow_the_randomness_of_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    needs_keras()
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    keras = library()
    keras.config.set_image_data_format("channels_first")
    random.seed(1)
    expected = random.getstate()
    try:
        made = []
        for _ in range(2):
            torch.manual_seed(3)
            with laid_out() as inside:
                assert inside.config.image_data_format() == "channels_last"
                layer = inside.layers.Dense(3)
                layer.build((None, 4))
                made.append(layer.kernel.numpy())
        assert (made[0] == made[1]).all()
        assert keras.config.image_data_format() == "channels_first"
        assert random.getstate() == expected
    finally:
        keras.config.set_image_data_format("channels_last")


def test_a_network_of_more_weights_than_can_be_held_is_given_up() -> None:
    needs_keras()
    keras = library()
    before = keras.layers.Layer.add_weight
    with holding(15, model="this"):
        keras.layers.Dense(3).build((None, 4))
    huge = "this is described as a network of 3,000,000,000 weights or more"
    with pytest.raises(ModelError, match=huge), holding(1_000_000, model="this"):
        keras.layers.Dense(1_000_000_000).build((None, 3))
    with pytest.raises(KeyError), holding(1, model="this"):
        raise KeyError("something else")
    assert keras.layers.Layer.add_weight is before
