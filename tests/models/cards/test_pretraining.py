"""What a model learnt from, told from tags and labels."""

from __future__ import annotations

import pytest

from headstart.models.cards.pretraining import UNKNOWN, of_labels, of_tag, source_data


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("a1_in1k", "ImageNet-1k"),
        ("augreg_in21k_ft_in1k", "ImageNet-21k, ImageNet-1k"),
        ("fcmae_ft_in22k_in1k_384", "ImageNet-21k, ImageNet-1k"),
        ("lvd142m", "LVD-142M"),
        ("openai_ft_in12k_in1k", "OpenAI's image-text pairs, ImageNet-12k, ImageNet-1k"),
        ("ns_jft_in1k", "JFT-300M, ImageNet-1k"),
        ("", UNKNOWN),
        ("fb_dino", UNKNOWN),
    ],
)
def test_of_tag(tag: str, expected: str) -> None:
    assert of_tag(tag) == expected


def test_names_of_data_sets_on_a_hub() -> None:
    assert source_data(["imagenet-1k", "imagenet-21k"]) == "ImageNet-1k, ImageNet-21k"
    assert source_data(["my-own"]) == ""


def test_of_labels() -> None:
    names = ["tench, Tinca tinca", *(f"class {number}" for number in range(998)), "toilet tissue, toilet paper"]
    assert of_labels(names) == "ImageNet-1k"
    assert of_labels(["n01440764", *names[1:-1], "n15075141"]) == "ImageNet-1k"
    assert of_labels(names[::-1]) == ""
    assert of_labels(names[:-1]) == ""
    assert of_labels([]) == ""
