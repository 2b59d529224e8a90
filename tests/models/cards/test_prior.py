"""What is expected of a model before any target data are looked at."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart import models
from headstart.core.card import InputFacts, ModelCard
from headstart.models.cards.prior import by_prior, pictures_of, prior_of
from headstart.models.catalogue import catalogued


def card(**facts: object) -> ModelCard:
    return ModelCard.model_validate({"id": "m", "source": "timm", "pretrained_on": "ImageNet-1k", **facts})


def test_a_published_accuracy_is_the_score() -> None:
    found = prior_of(card(upstream_accuracy=0.8, parameters=1))
    assert (found.score, found.estimated) == (0.8, False)
    assert "80.0% on ImageNet-1k, as published" in found.why


def test_otherwise_it_is_estimated_near_those_of_like_models() -> None:
    """Leaving out what is published of a model, the estimate comes within the error that is stated, nearly always."""
    known = [entry for entry in catalogued() if entry.upstream_accuracy is not None]
    errors = []
    for entry in known:
        found = prior_of(entry.model_copy(update={"upstream_accuracy": None}))
        assert found.estimated
        assert "give or take 3%" in found.why
        errors.append(abs((found.score or 0) - (entry.upstream_accuracy or 0)))
    assert sum(error <= 2 * 0.03 for error in errors) >= 0.9 * len(errors)


@given(st.integers(10**5, 10**9), st.integers(10**5, 10**9), st.integers(64, 512), st.integers(64, 512))
def test_more_weights_or_pixels_are_never_expected_to_be_worse(first: int, second: int, narrow: int, wide: int) -> None:
    few, many = sorted((first, second))
    low, high = sorted((narrow, wide))
    small = prior_of(card(parameters=few, input=InputFacts(size=(low, low)))).score
    large = prior_of(card(parameters=many, input=InputFacts(size=(high, high)))).score
    assert small is not None
    assert large is not None
    assert small <= large


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"pretrained_on": "", "parameters": 10**6}, "not pretrained"),
        ({"pretrained_on": "unknown", "parameters": 10**6}, "what it has learnt from is not known"),
        ({"pretrained_on": "my photos", "parameters": 10**6}, "how many pictures my photos has is not known"),
        ({"pretrained_on": "iNaturalist 2021", "parameters": 10**6}, "only a part of the visual world"),
        ({}, "its size is not known"),
    ],
)
def test_what_is_not_known_is_not_made_up(facts: dict[str, object], why: str) -> None:
    found = prior_of(card(**facts))
    assert found.score is None
    assert why in found.why


def test_a_saved_run_counts_for_what_its_ancestors_have_seen() -> None:
    run = card(pretrained_on="my photos", ancestry=("LVD-142M", "my photos"), parameters=22 * 10**6)
    found = prior_of(run)
    assert found.estimated
    assert "142 million pictures" in found.why


@pytest.mark.parametrize(
    ("learnt", "pictures"),
    [
        (["LVD-142M"], 142e6),
        (["IG-3.6B", "ImageNet-1k"], 3.6e9),
        (["ImageNet-12k", "ImageNet-1k"], 12e6),
        (["SAT-493M"], None),
        (["SAT-493M", "ImageNet-1k"], 1.3e6),
        ([], None),
    ],
)
def test_pictures_are_those_of_the_largest_broad_set(learnt: list[str], pictures: float | None) -> None:
    assert pictures_of(learnt) == pictures


def test_models_that_cannot_be_told_apart_are_tied_the_smallest_first() -> None:
    cards = [
        card(id="unknown", pretrained_on="unknown"),
        card(id="large", upstream_accuracy=0.801, parameters=90),
        card(id="small", upstream_accuracy=0.799, parameters=10),
        card(id="best", upstream_accuracy=0.85, parameters=50),
    ]
    assert [[entry.id for entry in group] for group in by_prior(cards)] == [["best"], ["small", "large"], ["unknown"]]


def test_the_order_does_not_depend_on_the_order_given() -> None:
    assert by_prior(catalogued()) == by_prior(reversed(catalogued()))


def test_a_ladder_of_widths_is_put_in_its_order(shared_models: Path) -> None:
    rungs = ("0.25_128", "0.5_160", "0.75_224", "1.0_224")
    scores = [prior_of(models.card(str(shared_models / f"mobilenet_v1_{rung}.imagenet"))).score for rung in rungs]
    assert all(low is not None and high is not None and low < high for low, high in pairwise(scores))
