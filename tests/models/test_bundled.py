"""The bundled models."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.errors import ModelError
from headstart.models import bundled as module
from headstart.models.bundled import bundled, folder_of, home
from tests.models.samples import timm_folder


@pytest.fixture
def starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "home", lambda: tmp_path / "starter")
    return tmp_path / "starter"


def test_the_largest_comes_first(starter: Path) -> None:
    assert bundled() == []
    timm_folder(starter / "a-small-one", "test_resnet")
    timm_folder(starter / "larger", "mobilenetv3_small_050")
    (starter / "no-model").mkdir()
    assert bundled() == ["larger", "a-small-one"]
    assert folder_of("larger") == starter / "larger"


def test_an_unknown_name(starter: Path) -> None:
    with pytest.raises(ModelError, match="bundles no model"):
        folder_of("tiny")
    timm_folder(starter / "tiny", "test_resnet")
    with pytest.raises(ModelError, match="Did you mean 'tiny'"):
        folder_of("tinny")


@pytest.mark.parametrize("name", ["..", "../starter", "/", ""])
def test_a_name_does_not_lead_out_of_the_package(name: str) -> None:
    with pytest.raises(ModelError, match="is bundled"):
        folder_of(name)


def test_what_is_bundled_lies_in_the_package() -> None:
    assert home().parent.name == "models"
    assert (home().parent / "catalogue.toml").is_file()
