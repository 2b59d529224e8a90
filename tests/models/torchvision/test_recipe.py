"""What torchvision's registry says of its weights, read right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torchvision.models import get_model_weights
from torchvision.transforms import functional

from headstart.core.errors import ModelError
from headstart.data.decode import load_pixels
from headstart.models.fetching.torch_cache import digits_of, name_of
from headstart.models.torchvision.recipe import (
    all_registered,
    assumed,
    facts_of,
    names,
    of_digits,
    registered,
    said_data,
    thousand_classes,
)


def test_every_set_of_weights_is_a_recipe_whose_facts_are_the_librarys() -> None:
    recipes = [recipe for recipe in all_registered() if recipe.accuracy is not None]
    assert len(recipes) >= 110
    assert len({recipe.id for recipe in recipes}) == len(recipes)
    for recipe in recipes:
        entry = get_model_weights(recipe.architecture)[recipe.id.partition(":")[2]]
        transform, facts = entry.transforms(), recipe.input
        assert list(facts.size) == transform.crop_size * 2
        assert [int(side / facts.crop_fraction) for side in facts.size] == transform.resize_size * 2, recipe.id
        assert (list(facts.mean), list(facts.std)) == (transform.mean, transform.std)
        assert facts.interpolation == transform.interpolation.value
        assert recipe.accuracy == round(entry.meta["_metrics"]["ImageNet-1K"]["acc@1"] / 100, 5)
        assert len(digits_of(name_of(recipe.address))) >= 8, recipe.id
        assert len(set(recipe.labels)) == 1000


def test_default_weights_have_their_own_name_in_the_id() -> None:
    assert registered("resnet50").id == "torchvision/resnet50:IMAGENET1K_V2"
    assert registered("resnet50", "default") == registered("resnet50")
    assert registered("resnet50", "imagenet1k_v1").accuracy == 0.7613


def test_data_and_licences() -> None:
    plain, hashtags = registered("vit_b_16"), registered("vit_b_16", "IMAGENET1K_SWAG_E2E_V1")
    assert (plain.pretrained_on, plain.licence) == ("ImageNet-1k", "BSD-3-Clause")
    assert (hashtags.pretrained_on, hashtags.licence) == ("IG-3.6B, ImageNet-1k", "CC-BY-NC-4.0")
    assert "LICENSE" in hashtags.notes[0]
    assert hashtags.arguments == {"image_size": 384}
    assert {recipe.licence for recipe in all_registered()} == {"BSD-3-Clause", "CC-BY-NC-4.0"}
    assert all(recipe.pretrained_on for recipe in all_registered())


@pytest.mark.parametrize(
    ("name", "weights", "message"),
    [
        ("resnet5O", "", "Did you mean 'resnet50'"),
        ("resnet50", "IMAGENET1K_V3", "Did you mean 'IMAGENET1K_V2'"),
        ("vgg16", "IMAGENET1K_FEATURES", "no values for the layers"),
        ("ssd300_vgg16", "", "no classifier, segmenter or detector"),
    ],
)
def test_what_there_is_not(name: str, weights: str, message: str) -> None:
    with pytest.raises(ModelError, match=message) as raised:
        registered(name, weights)
    assert raised.value.hint


def test_weights_are_known_by_their_hash() -> None:
    digest = "sha256:0676ba61" + "0" * 56
    found = of_digits("resnet50", digest)
    assert found is not None
    assert found.id == "torchvision/resnet50:IMAGENET1K_V1"
    assert of_digits("resnet50", "sha256:" + "0" * 64) is None


def test_what_is_assumed_of_other_weights_claims_nothing() -> None:
    found = assumed("googlenet")
    assert (found.labels, found.pretrained_on, found.licence, found.accuracy) == ((), "", "unknown", None)
    assert found.arguments == {}
    assert "assumed" in found.notes[0]


def test_classes_that_share_a_name_are_told_apart() -> None:
    labels = thousand_classes()
    assert (labels[0], labels[999]) == ("tench", "toilet tissue")
    assert sum(label.startswith("crane") for label in labels) == 2
    assert len(set(labels)) == 1000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- source data: ImageNet-1k, 1000 classes", "ImageNet-1k"),
        ("Trained on CIFAR-10.\nImageNet mean and deviation", "CIFAR-10"),
        ("Pretraining: iNat21 pictures", "iNaturalist 2021"),
        ("normalised with ImageNet's mean", ""),
    ],
)
def test_what_a_readme_says_of_the_data(text: str, expected: str) -> None:
    assert said_data(text) == expected


def test_a_photo_is_what_the_library_makes_of_it(shared_data: Path) -> None:
    photos = sorted((shared_data / "hymenoptera").rglob("*.jpg"))[::20][:20]
    assert len(photos) >= 15
    for model in ("resnet18", "resnet50", "efficientnet_b0", "swin_t"):
        transform = get_model_weights(model).DEFAULT.transforms()
        facts = registered(model).input
        for photo in photos[:: 1 if model == "resnet50" else 5]:
            with Image.open(photo) as image:
                picture = image.convert("RGB")
                resized = functional.resize(
                    picture, transform.resize_size, interpolation=transform.interpolation, antialias=True
                )
                theirs = np.asarray(functional.center_crop(resized, transform.crop_size)).astype(int)
            ours = load_pixels(photo.read_bytes(), facts, draft=False).astype(int)
            assert np.abs(ours - theirs).max() <= 2


def test_a_crop_as_large_as_the_resized_picture_takes_nothing_away() -> None:
    facts = facts_of(resized=384, crop=384, interpolation="bicubic", mean=(0.5,) * 3, std=(0.5,) * 3)
    assert (facts.size, facts.crop_fraction) == ((384, 384), 1.0)


def test_names_are_of_networks_that_can_be_used() -> None:
    assert {"resnet18", "deeplabv3_resnet50", "fcos_resnet50_fpn"} <= set(names())
    assert not {"ssd300_vgg16", "r3d_18"} & set(names())
