"""What the sources of models need, and whether it is there."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

import pytest

from headstart import models
from headstart.models import installed as module
from headstart.models.installed import LIBRARIES, installed


def test_every_source_is_there_with_the_version_of_its_library() -> None:
    found = {entry.source: entry for entry in installed()}
    assert list(found) == models.SOURCES.names()
    assert found["hf"].version == version("transformers")
    assert (found["saved-run"].library, found["saved-run"].version) == ("", "")
    assert set(LIBRARIES) <= set(models.SOURCES.built_in)


def test_a_library_that_is_missing_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(module, "version", missing)
    assert {entry.version for entry in installed()} == {""}
    commands = {entry.source: entry.install for entry in installed()}
    assert commands["timm"] == "pip install timm"
    assert commands["saved-run"] == ""


def test_an_extra_that_brings_a_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "extras", lambda: {"dev": True, "pictures": False})
    monkeypatch.setattr(module, "requirements", lambda extra: {"timm": None})  # dev has it too, which is for nobody
    monkeypatch.setattr(module, "_version", lambda library: "")
    assert {entry.source: entry.install for entry in installed()}["timm"] == "pip install 'headstart[pictures]'"


def test_no_library_is_imported() -> None:
    code = (
        "import sys; from headstart.models.installed import installed; installed(); "
        "print({'torch', 'timm', 'torchvision', 'transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
