"""No test of models may use the network, or see what the hub's cache of this machine holds."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from headstart.models.fetching import reaching
from tests.models.hub_samples import keras_files, needs_keras, needs_tensorflow, saved_models
from tests.models.keras_2_samples import keras_2_models, needs_keras_2


class NetworkUsedError(Exception):
    """Not an OSError, so that nothing takes it for a missing connection."""


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking up a name or connecting fails the test."""

    def refuse(*arguments: Any, **options: Any) -> Any:
        raise NetworkUsedError(arguments)

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(reaching, "_asked", {})


@pytest.fixture(autouse=True)
def hub_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub."""
    import huggingface_hub.constants

    folder = tmp_path_factory.mktemp("hub")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(folder))
    return folder


@pytest.fixture(autouse=True)
def torch_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of torch; this is the folder that it keeps weights in."""
    home = tmp_path_factory.mktemp("torch")
    monkeypatch.setenv("TORCH_HOME", str(home))
    return home / "hub" / "checkpoints"


@pytest.fixture(scope="session")
def keras_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small `.keras` files and what Keras says of random pictures, or a skip where Keras is not installed."""
    needs_keras()
    return keras_files(tmp_path_factory.mktemp("keras"))


@pytest.fixture(scope="session")
def saved_model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small SavedModels and what TensorFlow says of random pictures, or a skip where it is not installed."""
    needs_tensorflow()
    return saved_models(tmp_path_factory.mktemp("tensorflow"))


@pytest.fixture(scope="session")
def keras_2_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SavedModels of Keras 2 and what it says of pictures, or a skip where it is not installed."""
    needs_keras_2()
    return keras_2_models(tmp_path_factory.mktemp("keras_2"))
