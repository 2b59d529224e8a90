"""The transformers source: facts against the library's own, caches, errors."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from headstart.core.card import Architecture, ModelCard
from headstart.core.errors import ModelError
from headstart.models.sources.from_transformers import SOURCE
from tests.models.samples import CLASSES, LABELS, change_json, into_cache, timm_folder, transformers_folder


def card_of(folder: Path) -> ModelCard:
    return SOURCE.card(f"local-dir:{folder}", offline=True)


def test_facts_of_a_folder(tmp_path: Path) -> None:
    card = card_of(transformers_folder(tmp_path / "a", "vit"))
    assert card.licence == "MIT"
    assert card.pretrained_on == "ImageNet-1k"
    assert card.source_labels == tuple(LABELS)
    assert card.input is not None
    assert (card.input.size, card.input.crop_mode, card.input.interpolation) == ((32, 32), "squash", "bicubic")
    assert card.input.mean == (0.4, 0.5, 0.6)
    assert card.note == ""


@pytest.mark.parametrize("name", ["mobilenet_v1_0.25_128.imagenet", "mobilenet_v1_1.0_224.imagenet"])
def test_input_facts_are_the_librarys_own(shared_models: Path, name: str) -> None:
    from transformers import AutoImageProcessor

    processor = AutoImageProcessor.from_pretrained(shared_models / name)
    facts = card_of(shared_models / name).input
    assert facts is not None
    assert facts.size == (processor.crop_size["height"], processor.crop_size["width"])
    assert facts.size[0] / facts.crop_fraction == processor.size["shortest_edge"]
    assert (list(facts.mean), list(facts.std)) == (list(processor.image_mean), list(processor.image_std))


def test_a_model_without_preprocessing_says_what_is_assumed(tmp_path: Path) -> None:
    folder = transformers_folder(tmp_path / "a", "vit")
    (folder / "preprocessor_config.json").unlink()
    card = card_of(folder)
    assert "assumed" in card.note
    assert card.input is not None
    assert (card.input.size, card.input.mean) == ((32, 32), (0.485, 0.456, 0.406))


def test_pictures_that_the_model_wants_in_blue_green_red(tmp_path: Path) -> None:
    from transformers import AutoModelForImageClassification

    folder = transformers_folder(tmp_path / "a", "resnet")
    processor = {"image_processor_type": "MobileViTImageProcessor", "do_flip_channel_order": True}
    change_json(folder / "preprocessor_config.json", **processor)
    backbone = SOURCE.load(f"local-dir:{folder}", pretrained=True, offline=True)
    facts = backbone.card.input
    assert facts is not None
    plain = AutoModelForImageClassification.from_pretrained(folder).eval()
    inputs = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        pooled = backbone(inputs).pooled
        assert pooled is not None
        torch.testing.assert_close(backbone.source_logits(pooled), plain(inputs.flip(1)).logits, rtol=1e-5, atol=1e-5)
        again = SOURCE.build(backbone.architecture, backbone.card)
        again.load_state_dict(backbone.state_dict())
        assert torch.equal(again(inputs).pooled, pooled)  # type: ignore[arg-type]


def test_a_body_without_a_head_has_no_source_logits(tmp_path: Path) -> None:
    folder = transformers_folder(tmp_path / "a", "dinov2", head=False)
    backbone = SOURCE.load(f"local-dir:{folder}", pretrained=True, offline=True)
    assert backbone.width == 2 * 32  # what DINOv2's classifier sees: the class token and the mean of the patches
    assert backbone.source_logits(torch.zeros(1, backbone.width)) is None


def test_other_channels_are_refused_with_a_way_on(tmp_path: Path) -> None:
    folder = transformers_folder(tmp_path / "a", "resnet")
    with pytest.raises(ModelError, match="takes 3 channels, not 4"):
        SOURCE.load(f"local-dir:{folder}", pretrained=True, offline=True, channels=4)
    assert SOURCE.load(f"local-dir:{folder}", pretrained=True, offline=True, channels=3).width


def test_a_grey_network_has_grey_facts(tmp_path: Path) -> None:
    from transformers import AutoModelForImageClassification, ResNetConfig

    config = ResNetConfig(num_channels=1, embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], num_labels=CLASSES)
    AutoModelForImageClassification.from_config(config).save_pretrained(tmp_path / "a")
    backbone = SOURCE.load(f"local-dir:{tmp_path / 'a'}", pretrained=True, offline=True)
    facts = backbone.card.input
    assert facts is not None
    assert (facts.channels, len(facts.mean), len(facts.std)) == (1, 1, 1)
    assert backbone(torch.randn(1, 1, 64, 64)).pooled.shape == (1, 16)  # type: ignore[union-attr]


def test_a_fresh_network_claims_nothing(tmp_path: Path) -> None:
    folder = transformers_folder(tmp_path / "a", "resnet")
    backbone = SOURCE.load(f"local-dir:{folder}", pretrained=False, offline=True)
    assert (backbone.card.pretrained_on, backbone.card.source_labels) == ("", ())
    assert backbone.source_logits(torch.zeros(1, backbone.width)) is None


def test_a_cached_repository(hub_cache: Path, tmp_path: Path) -> None:
    snapshot = into_cache(hub_cache, "org/name", transformers_folder(tmp_path / "a", "resnet"))
    backbone = SOURCE.load("org/name", pretrained=True, offline=True)
    assert (backbone.card.id, backbone.card.revision) == ("hf/org/name", snapshot.name)
    pinned = SOURCE.card(f"org/name@{snapshot.name}", offline=True)
    assert pinned.id == f"hf/org/name@{snapshot.name}"
    assert [card.id for card in SOURCE.cards("hf/org/*")] == ["hf/org/name"]
    assert "hf/facebook/dinov2-small" in {card.id for card in SOURCE.cards()}


def test_one_that_is_not_cached_says_how_to_pull_it() -> None:
    with pytest.raises(ModelError, match="headstart models pull hf/org/other"):
        SOURCE.card("org/other", offline=True)
    with pytest.raises(ModelError, match="cannot be had"):
        SOURCE.pull("org/other")


def test_a_repository_in_timms_form_is_sent_on(hub_cache: Path, tmp_path: Path) -> None:
    into_cache(hub_cache, "org/name", timm_folder(tmp_path / "a", "test_resnet"))
    with pytest.raises(ModelError, match="timm/hf-hub:org/name"):
        SOURCE.card("org/name", offline=True)


@pytest.mark.parametrize(
    "settings", ["[]", "{", '{"image_processor_type": "NoSuchProcessor"}', '{"image_mean": "dark"}']
)
def test_preprocessing_that_cannot_be_read_is_no_traceback(tmp_path: Path, settings: str) -> None:
    folder = transformers_folder(tmp_path / "a", "resnet")
    (folder / "preprocessor_config.json").write_text(settings)
    with pytest.raises(ModelError):
        card_of(folder)


def test_code_that_comes_with_a_model_is_not_run(tmp_path: Path) -> None:
    folder = transformers_folder(tmp_path / "a", "resnet")
    (folder / "code.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    change_json(folder / "config.json", auto_map={"AutoModelForImageClassification": "code.Network"})
    change_json(folder / "preprocessor_config.json", auto_map={"AutoImageProcessor": "code.Processor"})
    assert SOURCE.load(f"local-dir:{folder}", pretrained=True, offline=True).width == 16
    assert not (tmp_path / "ran").exists()


def test_a_description_that_is_incomplete() -> None:
    with pytest.raises(ModelError, match="incomplete"):
        SOURCE.build(Architecture(source="hf", name="vit"), ModelCard(id="m", source="hf"))


def test_installed() -> None:
    assert SOURCE.installed()
