"""The timm source: facts against timm's own, channels, fresh networks, errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import timm
import torch

from headstart.core.card import Architecture, ModelCard
from headstart.core.errors import ModelError
from headstart.models.sources.from_timm import SOURCE, for_channels, input_facts
from tests.models.samples import LABELS, TIMM, change_json, into_cache, timm_folder


@pytest.mark.parametrize(
    "name", [*TIMM, "vit_base_patch16_clip_224.openai_ft_in12k_in1k", "swin_tiny_patch4_window7_224"]
)
def test_input_facts_are_timms_own(name: str) -> None:
    with torch.device("meta"):
        network = timm.create_model(name)
    theirs = timm.data.resolve_model_data_config(network)
    card = SOURCE.card(name, offline=True, pretrained=False)
    facts = card.input
    assert facts is not None
    assert (facts.channels, *facts.size) == theirs["input_size"]
    assert facts.crop_fraction == theirs["crop_pct"]
    assert facts.crop_mode == theirs["crop_mode"]
    assert facts.interpolation == theirs["interpolation"]
    assert (facts.mean, facts.std) == (theirs["mean"], theirs["std"])


def test_which_networks_take_one_size_only() -> None:
    for name, fixed in {"resnet18": False, "vit_tiny_patch16_224": False, "swin_tiny_patch4_window7_224": True}.items():
        card = SOURCE.card(name, offline=True, pretrained=False)
        assert card.input is not None
        assert card.input.fixed_size is fixed, name


def test_preprocessing_that_pads_is_refused() -> None:
    with pytest.raises(ModelError, match="pads its pictures"):
        input_facts({"crop_mode": "border"}, model="timm/x", channels=None, fixed=None)


@pytest.mark.parametrize(
    "config",
    [{"input_size": (3, 0, 4)}, {"input_size": 7}, {"mean": ("dark",)}, {"crop_pct": -1}, {"interpolation": "x"}],
)
def test_preprocessing_that_makes_no_sense(config: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="makes no sense"):
        input_facts(config, model="timm/x", channels=None, fixed=None)


@pytest.mark.parametrize("channels", [1, 4])
@pytest.mark.parametrize("name", ["test_resnet", "test_vit", "test_convnext", "test_efficientnet"])
def test_other_numbers_of_channels(tmp_path: Path, name: str, channels: int) -> None:
    folder = timm_folder(tmp_path / "a", name)
    backbone = SOURCE.load(f"local-dir:{folder}", pretrained=True, offline=True, channels=channels)
    facts = backbone.card.input
    assert facts is not None
    assert facts.channels == len(facts.mean) == len(facts.std) == channels
    inputs = torch.randn(2, channels, *facts.size)
    again = SOURCE.build(backbone.architecture, backbone.card)
    again.load_state_dict(backbone.state_dict())
    with torch.no_grad():
        assert torch.equal(again(inputs).pooled, backbone(inputs).pooled)  # type: ignore[arg-type]
        plain = timm.create_model(f"local-dir:{folder}", pretrained=True, in_chans=channels).eval()
        logits = backbone.source_logits(backbone(inputs).pooled)  # type: ignore[arg-type]
        torch.testing.assert_close(logits, plain(inputs), rtol=1e-5, atol=1e-5)


def test_a_network_for_grey_pictures_keeps_its_one_channel(tmp_path: Path) -> None:
    folder = timm_folder(tmp_path / "a", "test_resnet", model_args={"in_chans": 1}, mean=[0.5], std=[0.25])
    backbone = SOURCE.load(f"local-dir:{folder}", pretrained=True, offline=True)
    facts = backbone.card.input
    assert facts is not None
    assert (facts.channels, facts.mean, facts.std) == (1, (0.5,), (0.25,))
    three = SOURCE.load(f"local-dir:{folder}", pretrained=True, offline=True, channels=3)
    assert three.card.input is not None
    assert three.card.input.mean == (0.5, 0.5, 0.5)


def test_for_channels() -> None:
    assert for_channels((0.1, 0.2, 0.6), 3) == (0.1, 0.2, 0.6)
    assert for_channels((0.1, 0.2, 0.6), 1) == pytest.approx((0.3,))
    assert for_channels((0.4,), 2) == (0.4, 0.4)


def test_a_fresh_network_needs_no_weights_and_claims_none() -> None:
    backbone = SOURCE.load("test_resnet", pretrained=False, offline=True)
    assert backbone.card.pretrained_on == ""
    assert backbone.card.source_labels == ()
    assert backbone.source_logits(torch.zeros(1, backbone.width)) is None
    assert backbone(torch.randn(1, 3, 160, 160)).pooled.shape == (1, backbone.width)  # type: ignore[union-attr]


def test_a_cached_model_is_loaded_without_asking(hub_cache: Path, tmp_path: Path) -> None:
    """The weights of the registry's name lie in the cache as timm itself would put them there: without a config."""
    folder = tmp_path / "a"
    folder.mkdir()
    network = timm.create_model("test_resnet")
    from safetensors.torch import save_file

    save_file(network.state_dict(), folder / "model.safetensors")
    snapshot = into_cache(hub_cache, "timm/test_resnet.r160_in1k", folder)
    backbone = SOURCE.load("test_resnet", pretrained=True, offline=True)
    assert backbone.card.id == "timm/test_resnet.r160_in1k"
    assert backbone.card.revision == snapshot.name
    assert backbone.card.pretrained_on == "ImageNet-1k"
    assert len(backbone.card.source_labels) == 1000
    inputs = torch.randn(2, 3, 160, 160)
    with torch.no_grad():
        logits = backbone.source_logits(backbone(inputs).pooled)  # type: ignore[arg-type]
        torch.testing.assert_close(logits, network.eval()(inputs), rtol=1e-5, atol=1e-5)


def test_pulling_offline_says_what_to_do() -> None:
    with pytest.raises(ModelError, match="network may not be used"):
        SOURCE.pull("resnet50")


def test_cards_of_the_registry() -> None:
    found = SOURCE.cards("timm/mobilenetv4_conv_small*")
    assert len(found) > 3
    assert all(card.id.startswith("timm/mobilenetv4_conv_small") for card in found)
    assert {card.licence for card in found} == {"Apache-2.0"}
    known = {card.id: card for card in found}
    assert known["timm/mobilenetv4_conv_small.e2400_r224_in1k"].parameters == 2_493_024


def test_the_whole_registry_has_cards() -> None:
    found = SOURCE.cards()
    assert len(found) > 1500
    assert len({card.id for card in found}) == len(found)
    assert "timm/deepseek_vit_412m.deepseek_v4_1_flash" not in {card.id for card in found}  # it pads its pictures


def test_damaged_weights_are_no_traceback(tmp_path: Path) -> None:
    folder = timm_folder(tmp_path / "a", "test_resnet")
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="not a sound safetensors file"):
        SOURCE.load(f"local-dir:{folder}", pretrained=True, offline=True)


def test_a_description_that_is_incomplete() -> None:
    with pytest.raises(ModelError, match="incomplete"):
        SOURCE.build(Architecture(source="timm", name="test_resnet"), ModelCard(id="m", source="timm"))


def test_a_head_without_known_names_still_gives_logits(tmp_path: Path) -> None:
    folder = timm_folder(tmp_path / "a", "test_resnet")
    change_json(folder / "config.json", label_names=[])
    backbone = SOURCE.load(f"local-dir:{folder}", pretrained=True, offline=True)
    assert backbone.card.source_labels == ()
    logits = backbone.source_logits(torch.zeros(1, backbone.width))
    assert logits is not None
    assert logits.shape == (1, len(LABELS))


def test_installed() -> None:
    assert SOURCE.installed()
