"""The starter source: timm's folders under names of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from headstart import models
from headstart.core.errors import ModelError
from headstart.models import bundled as module
from headstart.models.bundled import bundled
from headstart.models.sources.from_starter import SOURCE
from tests.models.samples import LABELS, timm_folder


@pytest.fixture
def starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "home", lambda: tmp_path / "starter")
    return timm_folder(tmp_path / "starter" / "tiny", "test_resnet")


def test_a_bundled_model(starter: Path) -> None:
    card = SOURCE.card("tiny", offline=True)
    assert (card.id, card.source, card.source_labels) == ("starter/tiny", "starter", tuple(LABELS))
    assert card.location == str(starter)
    backbone = models.load("starter/tiny")
    assert backbone.card == card
    assert SOURCE.cards("starter/t*") == [card] == [SOURCE.pull("tiny")]
    assert SOURCE.cards("starter/x*") == []
    assert SOURCE.installed()


def test_it_is_built_again(starter: Path) -> None:
    backbone = SOURCE.load("tiny", pretrained=True, offline=True)
    inputs = torch.randn(1, 3, 160, 160)
    again = SOURCE.build(backbone.architecture, backbone.card)
    again.load_state_dict(backbone.state_dict())
    with torch.no_grad():
        assert torch.equal(again(inputs).pooled, backbone(inputs).pooled)  # type: ignore[arg-type]
    assert backbone.new_like().card.id == "starter/tiny"


def test_an_unknown_one(starter: Path) -> None:
    with pytest.raises(ModelError, match="No model 'starter/other'"):
        SOURCE.load("other", pretrained=True, offline=True)


@pytest.mark.parametrize("name", bundled())
def test_what_is_really_bundled_loads_and_is_small(name: str) -> None:
    backbone = models.load(f"starter/{name}", offline=True)
    card = backbone.card
    facts = card.input
    assert facts is not None
    assert backbone(torch.zeros(1, facts.channels, *facts.size)).pooled.shape == (1, card.width)  # type: ignore[union-attr]
    assert card.licence != "unknown"
    assert card.pretrained_on not in ("", "unknown")
    assert sum(file.stat().st_size for file in Path(card.location).glob("*.safetensors")) <= 4 * 2**20
    assert (Path(card.location) / "MODEL_CARD.md").is_file()
