"""A finished run on a small world, made once for all tests that do not mind how it came about."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import headstart as hs
from tests.worlds import write_network, write_world


@pytest.fixture(scope="session")
def probed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder with `data`, `network` and, of a probe of the one on the other, `run`; and the cache that it filled."""
    folder, cache = tmp_path_factory.mktemp("probed"), tmp_path_factory.mktemp("cache")
    options = hs.FitOptions(model=str(write_network(folder / "network")), strategy="linear-probe")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(cache))
        patch.setattr("headstart.core.runtime._has_bfloat16", lambda device: False)
        hs.fit(write_world(folder / "data"), output=folder / "run", options=options)
    return folder, cache


@pytest.fixture
def run(probed: tuple[Path, Path], tmp_path: Path, own_cache: Path) -> hs.Run:
    """A copy of the test's own as if it had been made there, with its data and its network beside it."""
    folder, cache = probed
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    shutil.copytree(cache, own_cache, dirs_exist_ok=True)
    return hs.load(tmp_path / "run")
