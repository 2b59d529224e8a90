"""The shortlist, held against what the installed libraries know."""

from __future__ import annotations

import datetime
import subprocess
import sys

import pytest

from headstart.core.card import ModelCard
from headstart.core.errors import OptionError
from headstart.models.catalogue import accuracy_of, catalogue, catalogued, default_of

TIMM = [card for card in catalogued() if card.source == "timm"]
TORCHVISION = [card for card in catalogued() if card.source == "torchvision"]
REGISTERED = [*TIMM, *TORCHVISION]
WHEN_CHECKED = {
    "tiny": (0, 6e6),
    "small": (6e6, 16e6),
    "medium": (16e6, 40e6),
    "large": (40e6, 120e6),
}


def test_every_size_class_has_a_default_of_its_own_size() -> None:
    read = catalogue()
    assert set(read.defaults) == set(WHEN_CHECKED)
    assert all(read.sizes[default_of(size)] == size for size in read.defaults)
    with pytest.raises(OptionError, match="Did you mean 'small'"):
        default_of("smal")  # type: ignore[arg-type]


def test_models_are_in_the_class_of_their_size() -> None:
    for card in catalogued():
        low, high = WHEN_CHECKED[catalogue().sizes[card.id]]
        assert card.parameters is not None
        assert low <= card.parameters < high, card.id


def test_it_says_when_it_was_checked() -> None:
    assert datetime.date.fromisoformat(catalogue().checked) <= datetime.datetime.now(datetime.UTC).date()


def test_ids_are_given_once_and_in_full() -> None:
    ids = [card.id for card in catalogued()]
    assert len(set(ids)) == len(ids) >= 12
    assert all("." in card.id for card in TIMM)
    assert all(":" in card.id for card in TORCHVISION)


def test_every_size_class_has_several_families_from_both_libraries() -> None:
    for size in WHEN_CHECKED:
        ids = [card.id for card in catalogued() if catalogue().sizes[card.id] == size]
        assert {model.partition("/")[0] for model in ids} >= {"timm", "torchvision"}
        assert len({model.partition("/")[2].partition("_")[0] for model in ids}) >= 5


@pytest.mark.parametrize("card", REGISTERED, ids=[card.id for card in REGISTERED])
def test_facts_are_those_of_the_library(card: ModelCard) -> None:
    """The network is laid out without its weights, so counts are of the real thing."""
    from headstart import models

    found = models.card(card.id, pretrained=False, offline=True)
    known = ("parameters", "width", "input", "gives", "pretrained_on", "licence")
    for fact in (*known, "revision", "upstream_accuracy") if card.source == "torchvision" else known:
        assert getattr(card, fact) == getattr(found, fact), fact


@pytest.mark.parametrize(("name", "width"), [("small", 384), ("base", 768)])
def test_counts_of_dinov2_are_those_of_its_published_shape(name: str, width: int) -> None:
    from headstart.models.transformers.network import architecture_of, measure

    published = {"hidden_size": width, "num_hidden_layers": 12, "num_attention_heads": width // 64, "patch_size": 14}
    architecture = architecture_of({"model_type": "dinov2", "image_size": 518, **published}, reverse=False)
    measured = measure(architecture, model="m", size=(224, 224))
    (card,) = (card for card in catalogued() if card.id == f"hf/facebook/dinov2-{name}")
    assert (card.parameters, card.width) == (measured.parameters, measured.width)


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        ("hf/google-bert/bert-base-uncased", {"model_type": "bert"}),
        ("hf/distilbert/distilbert-base-uncased", {"model_type": "distilbert"}),
        (
            "hf/sentence-transformers/all-MiniLM-L6-v2",
            {"model_type": "bert", "hidden_size": 384, "num_hidden_layers": 6, "intermediate_size": 1536},
        ),
    ],
)
def test_counts_of_encoders_are_those_of_their_published_shapes(model: str, shape: dict[str, object]) -> None:
    """The first two are the shapes that the library's configs have by default."""
    from headstart.models.texts.network import count_weights, text_architecture

    (card,) = (card for card in catalogued() if card.id == model)
    assert card.parameters == count_weights(text_architecture(shape, pooling="mean"))
    assert (card.modality, card.input) == ("text", None)


def test_accuracies_are_fractions() -> None:
    known = [card.upstream_accuracy for card in catalogued() if card.upstream_accuracy is not None]
    assert len(known) > 10
    assert all(0.55 < accuracy < 0.9 for accuracy in known)
    assert accuracy_of("timm/resnet50.a1_in1k") == 0.81214
    assert accuracy_of("hf/facebook/dinov2-small") is None


def test_reading_it_imports_no_library_of_models() -> None:
    code = (
        "import sys; from headstart.models.catalogue import catalogue; catalogue(); "
        "print({'torch', 'timm', 'transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
