"""A network of somebody's code, built again from its description and the code that travels with it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from headstart import models
from headstart.core.errors import ModelError
from headstart.models.torchhub.network import CODE, example
from tests.models.hub_samples import hub_folder, hub_network


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEADSTART_ALLOW_CODE", "1")
    return hub_folder(tmp_path / "net")


def test_features_and_logits_are_the_networks_own(folder: Path) -> None:
    backbone = models.load(f"{folder}:small#size=32")
    own, inputs = hub_network(folder), torch.randn(3, 3, 32, 32)
    with torch.no_grad():
        pooled = backbone(inputs).pooled
        assert pooled is not None
        torch.testing.assert_close(backbone.source_logits(pooled), own(inputs))
    assert sum(len(names) for names in backbone.layer_groups()) == len(list(backbone.parameters()))
    assert len(backbone.layer_groups()) > 1
    assert backbone.card.parameters == sum(value.numel() for value in backbone.parameters())


def test_it_is_built_again_without_the_folder_but_not_without_being_allowed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backbone = models.load(f"{folder}:small#size=32")
    files = backbone.companions()
    folder.rename(folder.parent / "elsewhere")
    again = models.build(backbone.architecture, backbone.card)
    with pytest.raises(ModelError, match="is missing"):
        again.take_companions({})
    monkeypatch.delenv("HEADSTART_ALLOW_CODE")
    with pytest.raises(ModelError, match="which travels with the run"):
        again.take_companions(files)
    monkeypatch.setenv("HEADSTART_ALLOW_CODE", "1")
    with pytest.raises(ModelError, match="cannot be unpacked"):
        again.take_companions({CODE: b"something else"})
    assert again.map_channels == ()
    again.take_companions(files)
    assert (again.map_channels, again.map_strides) == ((6, 8), (2, 4))
    again.load_state_dict(backbone.state_dict())
    inputs = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(again(inputs).pooled, backbone(inputs).pooled)  # type: ignore[arg-type]
    assert again.companions() == files


def test_new_like_has_other_weights(folder: Path) -> None:
    backbone = models.load(f"{folder}:small#size=32")
    fresh = backbone.new_like().state_dict()
    own = backbone.state_dict()
    assert {name: value.shape for name, value in fresh.items()} == {name: value.shape for name, value in own.items()}
    assert not torch.equal(fresh["body.network.features.0.weight"], own["body.network.features.0.weight"])


def test_examples_are_always_the_same(folder: Path) -> None:
    facts = models.card(f"{folder}:small#size=32").input
    assert torch.equal(example(facts), example(facts))  # type: ignore[arg-type]
    assert example(facts, larger=8).shape == (2, 3, 40, 40)  # type: ignore[arg-type]
