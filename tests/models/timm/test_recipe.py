"""What timm needs to build a network: from its registry, a folder, or a repository; and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headstart.core.errors import ModelError
from headstart.models.timm.recipe import from_folder, from_registry, from_repository, in_words, registered
from tests.models.samples import CLASSES, LABELS, change_json, into_cache, timm_folder, write_json


def test_a_name_without_a_tag_has_the_default_one() -> None:
    recipe, repository = registered("resnet50")
    assert recipe.id == "timm/resnet50.a1_in1k"
    assert registered("resnet50.a1_in1k") == (recipe, repository)
    assert repository is not None
    assert repository.name == "timm/resnet50.a1_in1k"


def test_the_facts_of_the_registry() -> None:
    recipe, _ = registered("convnextv2_tiny.fcmae_ft_in22k_in1k")
    assert recipe.licence == "CC-BY-NC-4.0"
    assert recipe.pretrained_on == "ImageNet-21k, ImageNet-1k"
    assert len(recipe.labels) == 1000
    assert recipe.labels[0] == "tench, Tinca tinca"
    assert recipe.config["input_size"] == (3, 224, 224)


@pytest.mark.parametrize("name", ["vit_base_patch16_clip_224.openai", "vit_small_patch14_dinov2.lvd142m"])
def test_a_projection_is_no_classifier(name: str) -> None:
    recipe, _ = registered(name)
    assert not recipe.classifies
    assert recipe.labels == ()


def test_the_registry_s_places_are_left_out() -> None:
    recipe, _ = registered("vit_base_patch16_224.augreg_in21k_ft_in1k")
    assert not {"url", "file", "hf_hub_id", "custom_load", "source"} & recipe.config.keys()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("resnet500", "knows no model 'resnet500'. Did you mean 'resnet"),
        ("resnet50.a1_in1", "knows no weights 'resnet50.a1_in1'. Did you mean 'resnet50.a1_in1k'"),
        ("no such thing", "knows no model"),
    ],
)
def test_unknown_names(name: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        registered(name)


def test_the_structure_alone_needs_no_weights_in_reach() -> None:
    recipe = from_registry("test_resnet", need="structure", may_ask=False)
    assert recipe.folder is None
    with pytest.raises(ModelError, match="headstart models pull timm/test_resnet.r160_in1k"):
        from_registry("test_resnet", need="card", may_ask=False)


def test_a_cached_repository_of_the_registry(hub_cache: Path, tmp_path: Path) -> None:
    snapshot = into_cache(hub_cache, "timm/test_resnet.r160_in1k", timm_folder(tmp_path / "a", "test_resnet"))
    recipe = from_registry("test_resnet", need="weights", may_ask=False)
    assert recipe.folder == snapshot
    assert recipe.revision == snapshot.name


def test_a_model_whose_weights_are_on_no_hub() -> None:
    with pytest.raises(ModelError, match="no weights on the hub"):
        from_registry("legacy_seresnet18.in1k", need="weights", may_ask=False)


def test_any_repository_in_timms_form(hub_cache: Path, tmp_path: Path) -> None:
    snapshot = into_cache(hub_cache, "me/mine", timm_folder(tmp_path / "a", "test_resnet"))
    recipe = from_repository("me/mine", need="weights", may_ask=False)
    assert (recipe.id, recipe.revision, recipe.folder) == ("timm/hf-hub:me/mine", snapshot.name, snapshot)


def test_a_folder(tmp_path: Path) -> None:
    folder = timm_folder(tmp_path / "a", "test_resnet", model_args={"in_chans": 1})
    recipe = from_folder(folder)
    assert recipe.id == str(folder)
    assert recipe.arguments == {"in_chans": 1}
    assert recipe.labels == tuple(LABELS)
    assert recipe.pretrained_on == "Kinds"
    assert recipe.licence == "MIT"
    assert "label_names" not in recipe.config


@pytest.mark.parametrize(
    ("changes", "readme", "expected"),
    [
        ({"description": "Ants and bees"}, "", "Ants and bees"),
        ({"description": "x" * 100, "tag": "a1_in1k"}, "", "ImageNet-1k"),
        ({"description": None}, "---\ndatasets: [imagenet-21k]\n---\n", "ImageNet-21k"),
        ({"description": None}, "", "unknown"),
    ],
)
def test_what_a_folder_learnt_from(tmp_path: Path, changes: dict[str, Any], readme: str, expected: str) -> None:
    folder = timm_folder(tmp_path / "a", "test_resnet", **changes)
    (folder / "README.md").write_text(readme)
    assert from_folder(folder).pretrained_on == expected


def test_labels_that_do_not_fit_the_head_are_not_believed(tmp_path: Path) -> None:
    folder = timm_folder(tmp_path / "a", "test_resnet")
    change_json(folder / "config.json", label_names=["one"])
    assert from_folder(folder).labels == ()


def test_the_older_form_of_one_flat_object(tmp_path: Path) -> None:
    folder = timm_folder(tmp_path / "a", "test_resnet")
    flat = {"architecture": "test_resnet", "num_classes": CLASSES, "input_size": [3, 160, 160], "labels": LABELS}
    write_json(folder / "config.json", flat)
    assert from_folder(folder).labels == tuple(LABELS)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model_args": {"checkpoint_path": "/etc/passwd"}}, "may not set 'checkpoint_path'"),
        ({"model_args": {"pretrained": True, "cache_dir": "x"}}, "may not set 'pretrained'"),
        ({"model_args": ["in_chans"]}, "have to be objects"),
        ({"pretrained_cfg": {"file": "../../secret.bin"}}, "leads out of the folder"),
        ({"pretrained_cfg": {"hf_hub_filename": "/x.bin"}}, "leads out of the folder"),
        ({"architecture": 7}, "has to be a name"),
        ({"architecture": "resnet_of_my_own"}, "timm does not know"),
    ],
)
def test_what_a_folder_may_not_decide(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    folder = timm_folder(tmp_path / "a", "test_resnet")
    change_json(folder / "config.json", **changes)
    with pytest.raises(ModelError, match=message):
        from_folder(folder)


def test_all_problems_at_once(tmp_path: Path) -> None:
    folder = timm_folder(tmp_path / "a", "test_resnet")
    change_json(folder / "config.json", model_args={"pretrained": 1, "cache_dir": "x"}, pretrained_cfg={"file": "/x"})
    with pytest.raises(ModelError) as raised:
        from_folder(folder)
    assert len(raised.value.problems) == 3


def test_in_words() -> None:
    assert in_words(["n1", "n2"], {"n1": "ant", "n2": "bee"}) == ("ant", "bee")
    assert in_words(["n1", "n2", "n3"], {"n1": "crane", "n2": "crane"}) == ("crane (n1)", "crane (n2)", "n3")
    assert in_words(["a"], None) == ("a",)
