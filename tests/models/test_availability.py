"""Where models are, and what `auto` then stands for."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart import models
from headstart.core.errors import ModelError
from headstart.models import availability
from headstart.models import bundled as bundled_models
from headstart.models.availability import choose_default, repository_of
from headstart.models.catalogue import default_of
from headstart.models.fetching import hub
from tests.models.samples import into_cache, timm_folder, torchvision_folder


@pytest.fixture
def starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bundled_models, "home", lambda: tmp_path / "starter")
    return tmp_path / "starter"


@pytest.fixture
def a_folder(tmp_path: Path) -> Path:
    return timm_folder(tmp_path / "folder", "test_resnet")


def test_where_models_are(starter: Path, a_folder: Path, hub_cache: Path) -> None:
    timm_folder(starter / "tiny", "test_resnet")
    into_cache(hub_cache, "timm/resnet18.a1_in1k", a_folder)
    into_cache(hub_cache, "org/name", a_folder)
    assert models.available(str(a_folder)) == "local"
    assert models.available("starter/tiny") == "local"
    assert models.available("starter/other") == "missing"
    assert models.available("timm/resnet18.a1_in1k") == "cached"
    assert models.available("timm/resnet18") == "cached"
    assert models.available("timm/hf-hub:org/name") == "cached"
    assert models.available("hf/org/name") == "cached"
    assert models.available("hf/org/other") == "missing"
    assert models.available("timm/resnet50") == "missing"
    assert models.available("timm/legacy_seresnet18.in1k") == "missing"


def test_where_weights_of_torchvision_are(
    a_folder: Path, torch_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert models.available("torchvision/resnet18") == "missing"
    torch_cache.mkdir(parents=True)
    (torch_cache / "resnet18-f37072fd.pth").touch()
    assert models.available("torchvision/resnet18") == "cached"
    assert models.available(f"torchvision/resnet18:{torchvision_folder(tmp_path / 'mine', 'resnet18')}") == "local"
    assert models.available(str(tmp_path / "mine")) == "local"
    monkeypatch.setattr(availability.torch_cache, "served", lambda address: True)
    assert models.available("torchvision/resnet34") == "reachable"


def test_what_the_hub_has_is_reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "reachable", lambda: True)
    monkeypatch.setattr(hub, "exists", lambda repository: repository.name == "org/name")
    assert models.available("hf/org/name") == "reachable"
    assert models.available("hf/org/other") == "missing"


@pytest.mark.parametrize(
    ("source", "rest", "expected"),
    [
        ("hf", "org/name@v1", "org/name@v1"),
        ("timm", "hf-hub:org/name", "org/name"),
        ("timm", "resnet50", "timm/resnet50.a1_in1k"),
        ("timm", "resnet50.a1_in1k", "timm/resnet50.a1_in1k"),
    ],
)
def test_repository_of(source: str, rest: str, expected: str) -> None:
    assert str(repository_of(source, rest)) == expected


def test_auto_is_the_catalogues_model_where_that_is_cached(hub_cache: Path, a_folder: Path, starter: Path) -> None:
    wanted = default_of("tiny")
    into_cache(hub_cache, wanted, a_folder)
    chosen = choose_default("tiny")
    assert chosen.id == wanted
    assert "in the cache" in chosen.why


def test_auto_is_the_catalogues_model_where_the_hub_has_it(monkeypatch: pytest.MonkeyPatch, starter: Path) -> None:
    monkeypatch.setattr(availability, "available", lambda source, rest: "reachable")
    assert choose_default("large").id == default_of("large")


def test_otherwise_the_largest_bundled_one_stands_in_and_it_is_said_aloud(starter: Path) -> None:
    timm_folder(starter / "tiny", "test_resnet")
    timm_folder(starter / "larger", "mobilenetv3_small_050")
    chosen = choose_default("small")
    assert chosen.id == "starter/larger"
    assert f"stands in for {default_of('small')}" in chosen.why
    assert "network may not be used" in chosen.why
    assert f"headstart models pull {default_of('small')}" in chosen.why


def test_where_nothing_is_there_one_is_told_what_to_do(starter: Path) -> None:
    with pytest.raises(ModelError, match="bundles none") as raised:
        choose_default()
    assert "headstart models pull" in raised.value.hint


def test_an_explicit_id_is_never_replaced(starter: Path) -> None:
    timm_folder(starter / "tiny", "test_resnet")
    with pytest.raises(ModelError, match="cannot be had"):
        models.load("timm/resnet50")
