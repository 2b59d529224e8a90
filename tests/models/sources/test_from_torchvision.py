"""The torchvision source: its registry, torch's cache, local files, errors."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from headstart import models
from headstart.core.errors import ModelError
from headstart.models.sources import from_torchvision
from headstart.models.sources.from_torchvision import SOURCE, is_path, recipe_of
from headstart.models.torchvision import recipe as torchvision_recipe
from headstart.models.torchvision.recipe import Recipe, registered
from tests.models.samples import CLASSES, LABELS, torchvision_folder, torchvision_network


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    """A registry whose weights of shufflenet_v2_x0_5 are small ones of our own, on a server of our own."""
    file = tmp_path / "weights.pth"
    torch.save(torchvision_network("shufflenet_v2_x0_5").state_dict(), file)
    served = file.rename(tmp_path / f"net-{hashlib.sha256(file.read_bytes()).hexdigest()[:8]}.pth")
    entry = torchvision_recipe.get_model_weights("shufflenet_v2_x0_5").DEFAULT
    monkeypatch.setattr(type(entry), "url", served.as_uri())
    for name in ("HEADSTART_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name)
    return registered("shufflenet_v2_x0_5")


def test_a_card_has_the_facts_of_the_registry() -> None:
    card = SOURCE.card("resnet50", offline=True, pretrained=False)
    assert card.id == "torchvision/resnet50:IMAGENET1K_V2"
    assert (card.parameters, card.width, card.upstream_accuracy) == (23_508_032, 2048, 0.80858)
    assert card.gives == ("pooled", "logits", "gradient")
    assert (card.licence, card.pretrained_on, card.revision) == ("BSD-3-Clause", "ImageNet-1k", "sha256:11ad3fa6")
    assert len(card.source_labels) == 1000
    assert "terms of the data" in card.note
    assert SOURCE.card("vit_b_16", offline=True, pretrained=False).input.fixed_size  # type: ignore[union-attr]


def test_every_card_says_the_same_as_the_one_by_itself() -> None:
    (listed,) = SOURCE.cards("torchvision/squeezenet1_1:*")
    alone = SOURCE.card("squeezenet1_1", offline=True, pretrained=False)
    for fact in ("id", "pretrained_on", "licence", "revision", "upstream_accuracy", "source_labels"):
        assert getattr(listed, fact) == getattr(alone, fact)
    assert "logits" not in alone.gives
    assert "no function of the pooled features" in alone.note


def test_weights_are_fetched_checked_and_then_cached(
    published: Recipe, torch_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelError, match="network may not be used"):
        SOURCE.load("shufflenet_v2_x0_5", pretrained=True, offline=True)
    assert SOURCE.card("shufflenet_v2_x0_5", offline=False).location == ""
    pulled = SOURCE.pull("shufflenet_v2_x0_5")
    assert Path(pulled.location).parent == torch_cache
    assert pulled.revision.startswith("sha256:")
    assert len(pulled.revision) == 71
    monkeypatch.setenv("HEADSTART_OFFLINE", "1")
    backbone = models.load("torchvision/shufflenet_v2_x0_5")
    assert backbone.card == models.card("torchvision/shufflenet_v2_x0_5") == pulled
    own = torchvision_network("shufflenet_v2_x0_5")
    inputs = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        pooled = backbone(inputs).pooled
        assert pooled is not None
        torch.testing.assert_close(backbone.source_logits(pooled), own(inputs), rtol=1e-5, atol=1e-5)


def test_a_damaged_cache_is_not_loaded(published: Recipe, torch_cache: Path) -> None:
    location = Path(SOURCE.pull("shufflenet_v2_x0_5").location)
    location.write_bytes(location.read_bytes()[:-1] + b"x")
    for call in (SOURCE.load, SOURCE.card):
        with pytest.raises(ModelError, match="is damaged"):
            call("shufflenet_v2_x0_5", pretrained=True, offline=True)
    assert SOURCE.load("shufflenet_v2_x0_5", pretrained=True, offline=False).width == 1024


def test_without_weights_nothing_is_claimed() -> None:
    backbone = SOURCE.load("shufflenet_v2_x0_5", pretrained=False, offline=True)
    assert (backbone.card.pretrained_on, backbone.card.source_labels) == ("", ())
    assert backbone.source_logits(torch.zeros(1, backbone.width)) is None


def test_weights_that_are_out_of_reach_say_how_to_get_them() -> None:
    for call in (SOURCE.load, SOURCE.card):
        with pytest.raises(ModelError, match="cannot be had") as raised:
            call("resnet18", pretrained=True, offline=True)
        assert "headstart models pull torchvision/resnet18:IMAGENET1K_V1" in raised.value.hint
        assert "resnet18-f37072fd.pth" in raised.value.hint


def test_other_channels_are_refused_with_a_way_on(tmp_path: Path) -> None:
    folder = torchvision_folder(tmp_path / "a", "shufflenet_v2_x0_5")
    with pytest.raises(ModelError, match="takes 3 channels, not 4"):
        models.load(str(folder), channels=4)
    assert models.load(str(folder), channels=3).width == 1024


def test_a_file_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = torchvision_folder(tmp_path / "a", "shufflenet_v2_x0_5")
    torch.save(load_file(folder / "model.safetensors"), tmp_path / "weights.pth")
    monkeypatch.chdir(tmp_path)
    backbone = models.load("torchvision/shufflenet_v2_x0_5:./weights.pth")
    assert backbone.card.id == "torchvision/shufflenet_v2_x0_5:./weights.pth"
    assert "assumed" in backbone.card.note
    assert models.card(backbone.card.id) == backbone.card
    same = models.load("torchvision/shufflenet_v2_x0_5:./a")
    inputs = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(backbone(inputs).pooled, same(inputs).pooled)  # type: ignore[arg-type]
    assert same.card.source_labels == tuple(LABELS)
    assert len(LABELS) == CLASSES


def test_paths_and_names_of_weights_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [is_path(text) for text in ("", "IMAGENET1K_V1", "./a", "a.pth", "~/a", "C:\\a")] == [False] * 2 + [True] * 4
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    with pytest.raises(ModelError, match="holds no weights"):
        recipe_of("resnet18:./mine")
    with pytest.raises(ModelError, match="do not exist"):
        recipe_of("resnet18:./nothing.pth")


def test_it_is_installed_without_being_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SOURCE.installed()
    assert from_torchvision.SOURCE is models.SOURCES["torchvision"]
