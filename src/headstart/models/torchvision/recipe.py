"""What is known of weights of torchvision before a network is built, by its registry."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torchvision import models as library
from torchvision.models import get_model_weights, list_models
from torchvision.transforms import InterpolationMode
from torchvision.transforms._presets import ImageClassification, ObjectDetection, SemanticSegmentation

from headstart.core.card import InputFacts
from headstart.core.errors import ModelError, did_you_mean
from headstart.models.cards.pretraining import source_data
from headstart.models.cards.processor_facts import cropped
from headstart.models.fetching.torch_cache import digits_of, name_of
from headstart.models.torchvision.detector import detectors, facts_of_detector
from headstart.models.torchvision.segmenter import segmenters

PERMISSIVE = "BSD-3-Clause"
# What the library's README says of the weights that name a licence of their own.
LICENCES = {"https://github.com/facebookresearch/SWAG/blob/main/LICENSE": "CC-BY-NC-4.0"}
LICENCE_NOTE = (
    "The licence is the library's; torchvision says that terms of the data which the weights learnt from may apply too."
)
ONE_THOUSAND = "ImageNet-1k"
NONE = ("__background__", "no person", "N/A")
"""What a detector does not look for, though it has a number among the classes."""


@dataclass(frozen=True)
class Recipe:
    """One set of weights of a classifier, segmenter or detector, and the network that they are for.

    `arguments` are what the network is built with besides its name; `address` is where the weights can be had, and
    `file` where they are on this machine.
    """

    id: str
    architecture: str
    input: InputFacts
    arguments: Mapping[str, Any]
    labels: tuple[str, ...] = ()
    pretrained_on: str = ""
    licence: str = "unknown"
    accuracy: float | None = None
    address: str = ""
    file: Path | None = None
    notes: tuple[str, ...] = ()


def names() -> list[str]:
    """The classifiers of torchvision, its segmenters and its detectors."""
    found: list[str] = list_models(module=library)
    return found + segmenters() + detectors()


def registered(name: str, weights: str = "") -> Recipe:
    """What torchvision's own registry says of an architecture's weights, the default ones where none are named.

    Raises `ModelError` for names that it does not know, and for weights without the values of what is used.
    """
    there = _weights_of(name)
    wanted = weights.upper() or "DEFAULT"
    if wanted not in there.__members__:
        known = [entry.name for entry in there]
        raise ModelError(
            f"torchvision knows no weights '{weights}' of {name}.{did_you_mean(wanted, known)}",
            hint=f"There are: {', '.join(known)}. A path names a local file: torchvision/{name}:./weights.pth.",
        )
    recipe = _recipe(name, there[wanted])
    if recipe is None:
        raise ModelError(
            f"torchvision/{name}:{wanted} has no values for the layers that make the pooled features.",
            hint=f"There are: {', '.join(entry.name for entry in there if _recipe(name, entry))}.",
        )
    return recipe


def all_registered() -> list[Recipe]:
    """Every set of weights of every network."""
    pairs = ((name, weights) for name in names() for weights in _weights_of(name))
    return [recipe for name, weights in pairs if (recipe := _recipe(name, weights)) is not None]


def of_digits(name: str, revision: str) -> Recipe | None:
    """The registered weights of an architecture that a file with this hash holds."""
    found = (_recipe(name, weights) for weights in _weights_of(name))
    digest = revision.removeprefix("sha256:")
    promised = ((recipe, digits_of(name_of(recipe.address))) for recipe in found if recipe is not None)
    return next((recipe for recipe, digits in promised if digits and digest.startswith(digits)), None)


def assumed(name: str) -> Recipe:
    """What is taken for granted of weights that are only known to be of an architecture."""
    usual = registered(name)
    arguments = {key: value for key, value in usual.arguments.items() if key != "transform_input"}
    return replace(
        usual,
        arguments=arguments,
        labels=(),
        pretrained_on="",
        licence="unknown",
        accuracy=None,
        address="",
        notes=(f"Nothing says how its pictures are prepared: the way of {usual.id} is assumed.",),
    )


def thousand_classes() -> tuple[str, ...]:
    """The names of the classes of ImageNet-1k, in the order in which torchvision's networks have them."""
    return registered("resnet18").labels


def _weights_of(name: str) -> Any:
    known = names()
    if name not in known:
        raise ModelError(
            f"torchvision has no classifier, segmenter or detector '{name}'.{did_you_mean(name, known)}",
            hint="headstart models list 'torchvision/*' --all shows every name.",
        )
    return get_model_weights(name)


def _recipe(name: str, weights: Any) -> Recipe | None:
    """The recipe of one entry of the registry; None where its classifier has no values."""
    meta = weights.meta
    if meta["categories"] is None:
        return None
    facts = _input_facts(name, weights.transforms())
    own = meta.get("license")
    accuracy = meta.get("_metrics", {}).get("ImageNet-1K", {}).get("acc@1", math.nan)
    return Recipe(
        id=f"torchvision/{name}:{weights.name}",
        architecture=name,
        input=facts,
        arguments=_arguments(name, facts.size[0]),
        labels=_told_apart(
            tuple(label for label in meta["categories"] if name not in detectors() or label not in NONE)
        ),
        pretrained_on=source_data(weights.name.lower().split("_")[::-1]),
        licence=PERMISSIVE if own is None else LICENCES.get(own, "LicenseRef-torchvision-weights"),
        accuracy=None if math.isnan(accuracy) else round(accuracy / 100, 5),
        address=weights.url,
        notes=(*_measured(meta), LICENCE_NOTE if own is None else f"Its terms: {own}"),
    )


def _measured(meta: Mapping[str, Any]) -> tuple[str, ...]:
    """What the library has measured of a segmenter or detector; accuracy is that of classifiers."""
    measured = meta.get("_metrics", {})
    if "COCO-val2017-VOC-labels" in measured:
        share = measured["COCO-val2017-VOC-labels"]["miou"]
        return (f"Mean IoU {share} % on COCO's validation pictures, in the classes of VOC.",)
    if "COCO-val2017" in measured:
        return (f"mAP {measured['COCO-val2017']['box_map']} % on COCO's validation pictures.",)
    return ()


def _arguments(name: str, side: int) -> dict[str, Any]:
    if name in ("googlenet", "inception_v3"):
        return {"transform_input": True}  # all of the library's weights of these two were ported from elsewhere
    return {"image_size": side} if name.startswith("vit_") else {}


def _told_apart(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Two classes of ImageNet-1k have names that two others have, too: the second of each is numbered."""
    seen: dict[str, int] = {}
    found = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        found.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return tuple(found)


def _input_facts(name: str, transform: Any) -> InputFacts:
    if isinstance(transform, ObjectDetection):
        return facts_of_detector(name)
    if isinstance(transform, SemanticSegmentation):
        side = int(transform.resize_size[0])
        return _facts_of(transform, resized=side, crop=side)  # whole pictures: nothing is cropped
    if not isinstance(transform, ImageClassification):
        raise ModelError(
            f"torchvision prepares its pictures by {type(transform).__name__}, which Headstart does not do."
        )
    return _facts_of(transform, resized=int(transform.resize_size[0]), crop=int(transform.crop_size[0]))


def _facts_of(transform: Any, *, resized: int, crop: int) -> InputFacts:
    return facts_of(
        resized=resized,
        crop=crop,
        interpolation=InterpolationMode(transform.interpolation).value,
        mean=tuple(transform.mean),
        std=tuple(transform.std),
    )


def facts_of(
    *, resized: int, crop: int, interpolation: str, mean: tuple[float, ...], std: tuple[float, ...]
) -> InputFacts:
    """Input facts of a shorter side, a centre crop, an interpolation by name, and a normalisation."""
    size, fraction, mode = cropped((resized, resized), (crop, crop), "center")
    return InputFacts.model_validate(
        {
            "size": size,
            "crop_fraction": fraction,
            "crop_mode": mode,
            "interpolation": interpolation,
            "mean": mean,
            "std": std,
        }
    )


def said_data(text: str) -> str:
    """The data that a README says weights have learnt from; empty where it does not tell."""
    for line in text.splitlines():
        if re.search(r"(source|training|pretraining|trained on).*", line, flags=re.IGNORECASE):
            words = re.findall(r"[\w-]+", line)
            found = source_data(words)
            if found:
                return found.split(", ")[0]
    return ""
