"""Fixtures that every layer of tests shares. Nothing here imports torch."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["tests.probed", "tests.zoo"]

# the same examples every time, and no clock: a busy machine is not a failure
settings.register_profile("headstart", derandomize=True, deadline=None)
settings.load_profile("headstart")

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HEADSTART_OFFLINE", "1")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has a cache of its own, so that none sees what another computed."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("HEADSTART_CACHE", str(folder))
    return folder


@pytest.fixture(autouse=True)
def full_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers are compared to the last digits, which a machine's own sixteen bits may not change."""
    monkeypatch.setattr("headstart.core.runtime._has_bfloat16", lambda device: False)


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data sets beside the repository, or a skip that says so."""
    if not (SHARED / "data").is_dir():
        pytest.skip("needs the real data sets of ../shared/data, which are not here")
    return SHARED / "data"


@pytest.fixture
def shared_models() -> Path:
    """The folder of real pretrained models beside the repository, or a skip that says so."""
    if not (SHARED / "models").is_dir():
        pytest.skip("needs the real pretrained models of ../shared/models, which are not here")
    return SHARED / "models"
