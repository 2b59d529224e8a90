"""Networks of torchvision: `torchvision/NAME[:WEIGHTS]`, `torchvision/NAME:FILE`, and folders that say so."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.core.card import Architecture, Gives, InputFacts, ModelCard
from headstart.core.errors import ModelError
from headstart.models.fetching.torch_cache import digits_of, fetch, is_sound, missing, name_of, place_of, served
from headstart.models.files.weights import identity
from headstart.models.identifiers import FOLDER
from headstart.models.plausible import check_held, check_memory

if TYPE_CHECKING:
    from torch import nn

    from headstart.models.backbone import Backbone
    from headstart.models.networks.source_head import SourceHead
    from headstart.models.torchvision.recipe import Recipe


class TorchvisionSource:
    """The one place that builds networks of torchvision."""

    name = "torchvision"

    def installed(self) -> bool:
        """Whether torchvision can be imported."""
        from importlib.util import find_spec

        return find_spec("torchvision") is not None

    def cards(self, pattern: str = "*") -> list[ModelCard]:
        """A card for every set of weights of every network.

        Without counts: for those the model is looked at by itself.
        """
        from headstart.models.torchvision.recipe import all_registered

        return [_card(recipe) for recipe in all_registered() if fnmatchcase(recipe.id, pattern)]

    def card(self, model: str, *, offline: bool, pretrained: bool = True) -> ModelCard:
        """The card of one model. Raises `ModelError` where it is unknown, or `pretrained` and out of reach."""
        recipe = recipe_of(model)
        if pretrained and recipe.file is None:
            recipe = replace(recipe, file=_cached(recipe, offline=offline))
        return described(recipe)[0]

    def load(self, model: str, *, pretrained: bool, offline: bool, channels: int | None = None) -> Backbone:
        """Build the network and, unless `pretrained` is False, load its weights in float32."""
        from headstart.models.torchvision.detector import DETECTORS, head_weights
        from headstart.models.torchvision.network import create, create_pretrained, split

        recipe = recipe_of(model)
        if channels not in (None, recipe.input.channels):
            raise ModelError(
                f"{recipe.id} takes {recipe.input.channels} channels, not {channels}.",
                hint="Leave the number of channels out: pictures are then converted. timm's models can be given more.",
            )
        if pretrained and recipe.file is None:
            recipe = replace(recipe, file=fetch(recipe.address, may_ask=not offline, model=recipe.id))
        card, architecture = described(recipe)
        if pretrained and recipe.file is not None:
            check_held(card.parameters or 0, [recipe.file], model=recipe.id)
            network = create_pretrained(architecture, recipe.file, model=recipe.id)
            body, head = split(network)
            backbone = _backbone(body, card, architecture, width=card.width or 0, head=head)
            if isinstance(network, DETECTORS):
                backbone.take_own_head(head_weights(network))
            return backbone
        check_memory(card.parameters or 0, model=recipe.id)
        card = card.model_copy(update={"pretrained_on": "", "source_labels": ()})
        return _backbone(split(create(architecture))[0], card, architecture, width=card.width or 0)

    def build(self, architecture: Architecture, card: ModelCard) -> Backbone:
        """Build from a saved description, freshly initialised. Raises `ModelError` where that cannot be done."""
        from headstart.models.torchvision.network import create, measure, split

        size = (card.input if isinstance(card.input, InputFacts) else InputFacts()).size
        measured = measure(architecture, size=size)
        check_memory(measured.parameters, model=card.id)
        return _backbone(split(create(architecture))[0], card, architecture, width=measured.width)

    def pull(self, model: str) -> ModelCard:
        """Fetch the weights into torch's cache."""
        recipe = recipe_of(model)
        if recipe.file is None:
            recipe = replace(recipe, file=fetch(recipe.address, may_ask=True, model=recipe.id))
        return described(recipe)[0]


def _backbone(
    body: nn.Module, card: ModelCard, architecture: Architecture, *, width: int, head: SourceHead | None = None
) -> Backbone:
    from headstart.models.torchvision.detector import DetectorBody, TorchvisionDetector
    from headstart.models.torchvision.network import TorchvisionBackbone, create

    if isinstance(body, DetectorBody):

        def whole(classes: int) -> nn.Module:
            return create(architecture, classes=classes)

        return TorchvisionDetector(body, card=card, architecture=architecture, width=width, create=whole).eval()
    return TorchvisionBackbone(body, card=card, architecture=architecture, width=width, head=head).eval()


def recipe_of(model: str) -> Recipe:
    """The recipe of what an id calls a model. Raises `ModelError` where it is unknown."""
    from headstart.models.torchvision.file import from_file, from_folder
    from headstart.models.torchvision.recipe import registered

    if model.startswith(FOLDER):
        return from_folder(Path(model.removeprefix(FOLDER)).expanduser())
    name, _, weights = model.partition(":")
    return from_file(name, weights) if is_path(weights) else registered(name, weights)


def is_served(model: str) -> bool:
    """Whether the server that registered weights come from answers; `model` is a whole id."""
    return served(recipe_of(model.partition("/")[2]).address)


def is_path(weights: str) -> bool:
    """Whether what follows the name of an architecture is a path, and not the name of registered weights."""
    return any(mark in weights for mark in "/\\.~")


def described(recipe: Recipe) -> tuple[ModelCard, Architecture]:
    """A recipe's card with its counts, and its architecture."""
    from headstart.models.torchvision.detector import detectors
    from headstart.models.torchvision.network import RECTIFIED, architecture_of, measure

    architecture = architecture_of(recipe.architecture, recipe.arguments)
    measured = measure(architecture, size=recipe.input.size)
    card = _card(recipe)
    rectified = not measured.logits and recipe.architecture not in detectors()
    notes = [*recipe.notes, *([RECTIFIED] if rectified else [])]
    return (
        card.model_copy(
            update={
                "parameters": measured.parameters,
                "width": measured.width,
                "input": recipe.input.model_copy(update={"fixed_size": measured.fixed_size}),
                "gives": _gives(recipe.architecture, logits=measured.logits),
                "note": " ".join(notes),
            }
        ),
        architecture,
    )


def _gives(name: str, *, logits: bool) -> tuple[Gives, ...]:
    from headstart.models.torchvision.detector import detectors

    given: tuple[Gives, ...] = ("pooled", "logits", "gradient") if logits else ("pooled", "gradient")
    return (*given, "boxes") if name in detectors() else given


def _card(recipe: Recipe) -> ModelCard:
    digits = digits_of(name_of(recipe.address))
    return ModelCard(
        id=recipe.id,
        source="torchvision",
        input=recipe.input,
        pretrained_on=recipe.pretrained_on,
        source_labels=recipe.labels,
        licence=recipe.licence,
        revision=identity([recipe.file]) if recipe.file is not None else f"sha256:{digits}" if digits else "",
        upstream_accuracy=recipe.accuracy,
        location="" if recipe.file is None else str(recipe.file),
        note=" ".join(recipe.notes),
    )


def _cached(recipe: Recipe, *, offline: bool) -> Path | None:
    """The cached weights; None where they can be fetched. Raises `ModelError` where they can not."""
    file = place_of(recipe.address)
    if file.is_file() and is_sound(file):
        return file
    if offline or not served(recipe.address):
        why = "the network may not be used" if offline else "the server does not answer"
        raise missing(recipe.id, file, why, damaged=file.is_file())
    return None


SOURCE = TorchvisionSource()
