"""Models of timm: `timm/NAME[.TAG]` from its registry and the hub, `timm/local-dir:FOLDER`, `timm/hf-hub:ORG/REPO`."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, cast

from headstart.core.card import Architecture, InputFacts, ModelCard
from headstart.core.errors import ModelError
from headstart.models.backbone import Backbone
from headstart.models.catalogue import accuracy_of, catalogued
from headstart.models.fetching.hub import Need
from headstart.models.files.weights import weight_files
from headstart.models.identifiers import FOLDER
from headstart.models.plausible import check_held, check_memory
from headstart.models.timm.recipe import Recipe, from_folder, from_registry, from_repository, registered

HUB = "hf-hub:"
CROP_MODES = ("center", "squash")


class TimmSource:
    """The one place that builds networks of timm."""

    name = "timm"

    def installed(self) -> bool:
        """Whether timm can be imported."""
        from importlib.util import find_spec

        return find_spec("timm") is not None

    def cards(self, pattern: str = "*") -> list[ModelCard]:
        """A card for every model of the registry that has weights and that Headstart can feed.

        Without counts and class names: for those the model is looked at by itself.
        """
        from timm.models import list_pretrained

        known = {entry.id: entry for entry in catalogued()}
        found = []
        for name in list_pretrained():
            if fnmatchcase(f"timm/{name}", pattern):
                recipe, _ = registered(name)
                if recipe.config.get("crop_mode", "center") in CROP_MODES:
                    found.append(known.get(recipe.id) or _card(replace(recipe, labels=()), channels=None))
        return found

    def card(self, model: str, *, offline: bool, pretrained: bool = True) -> ModelCard:
        """The card of one model. Raises `ModelError` where it is unknown, or `pretrained` and out of reach."""
        recipe = _recipe(model, need="card" if pretrained else "structure", may_ask=not offline)
        return described(recipe, channels=None)[0]

    def load(self, model: str, *, pretrained: bool, offline: bool, channels: int | None = None) -> Backbone:
        """Build the network and, unless `pretrained` is False, load its weights in float32."""
        recipe = _recipe(model, need="weights" if pretrained else "structure", may_ask=not offline)
        return load_recipe(recipe, pretrained=pretrained, channels=channels)

    def build(self, architecture: Architecture, card: ModelCard) -> Backbone:
        """Build from a saved description, freshly initialised. Raises `ModelError` where timm cannot build it."""
        from headstart.models.timm.network import TimmBackbone, create, measure, split

        if not {"config", "model_args"} <= architecture.arguments.keys():
            raise ModelError(f"The description of {card.id} is incomplete: it needs `config` and `model_args`.")
        measured = measure(architecture, model=card.id)
        check_memory(measured.parameters, model=card.id)
        body, _ = split(create(architecture), model=card.id)
        return TimmBackbone(body, card=card, architecture=architecture, width=measured.width, head=None).eval()

    def pull(self, model: str) -> ModelCard:
        """Fetch weights and description into the hub's cache."""
        return described(_recipe(model, need="weights", may_ask=True), channels=None)[0]


def load_recipe(recipe: Recipe, *, pretrained: bool, channels: int | None) -> Backbone:
    """The backbone of a recipe, in evaluation mode. Raises `ModelError` where its weights do not fit."""
    from headstart.models.timm.network import TimmBackbone, create, create_pretrained, split

    card, architecture = described(recipe, channels=channels)
    if pretrained and recipe.folder is not None:
        check_held(card.parameters or 0, weight_files(recipe.folder), model=recipe.id)
    else:
        check_memory(card.parameters or 0, model=recipe.id)
    network = create_pretrained(architecture, recipe) if pretrained else create(architecture)
    body, head = split(network, model=recipe.id)
    if not pretrained:
        card = card.model_copy(update={"pretrained_on": "", "source_labels": ()})
    known = head if pretrained and recipe.classifies else None
    width = cast(int, card.width)
    return TimmBackbone(body.float(), card=card, architecture=architecture, width=width, head=known).eval()


def described(recipe: Recipe, *, channels: int | None) -> tuple[ModelCard, Architecture]:
    """A recipe's card with its counts, and its architecture."""
    from headstart.models.timm.network import architecture_of, measure, own_channels

    architecture = architecture_of(recipe, channels=channels)
    width, parameters = measure(architecture, model=recipe.id)
    fixed = bool(recipe.config.get("fixed_input_size")) and not _any_size(architecture.arguments["model_args"])
    card = _card(recipe, channels=channels or own_channels(recipe), fixed=fixed)
    return card.model_copy(update={"width": width, "parameters": parameters}), architecture


def _any_size(arguments: dict[str, Any]) -> bool:
    return bool(arguments.get("dynamic_img_size")) or arguments.get("strict_img_size") is False


def _recipe(model: str, *, need: Need, may_ask: bool) -> Recipe:
    if model.startswith(FOLDER):
        return from_folder(Path(model.removeprefix(FOLDER)).expanduser())
    if model.startswith(HUB):
        return from_repository(model.removeprefix(HUB), need=need, may_ask=may_ask)
    return from_registry(model, need=need, may_ask=may_ask)


def _card(recipe: Recipe, *, channels: int | None, fixed: bool | None = None) -> ModelCard:
    logits = ("logits",) if recipe.classifies and recipe.config.get("num_classes") else ()
    return ModelCard(
        id=recipe.id,
        source="timm",
        input=input_facts(recipe.config, model=recipe.id, channels=channels, fixed=fixed),
        gives=("pooled", *logits, "gradient"),
        pretrained_on=recipe.pretrained_on,
        source_labels=recipe.labels,
        licence=recipe.licence,
        revision=recipe.revision,
        upstream_accuracy=accuracy_of(recipe.id),
        location=str(recipe.folder or ""),
    )


def input_facts(config: dict[str, Any], *, model: str, channels: int | None, fixed: bool | None) -> InputFacts:
    """The preprocessing facts of a pretrained config, as `timm.data` resolves them.

    Raises `ModelError` for the few networks whose preprocessing is something else than resizing and cropping.
    """
    try:
        return _input_facts(config, model=model, channels=channels, fixed=fixed)
    except (TypeError, ValueError, ArithmeticError, AssertionError) as error:
        raise ModelError(f"The preprocessing that {model} describes makes no sense: {error}.") from error


def _input_facts(config: dict[str, Any], *, model: str, channels: int | None, fixed: bool | None) -> InputFacts:
    from timm.data import resolve_data_config

    facts = resolve_data_config({}, pretrained_cfg=config)
    own, height, width = facts["input_size"]
    wanted = channels or own
    if facts["crop_mode"] not in CROP_MODES:
        raise ModelError(f"{model} pads its pictures (crop mode '{facts['crop_mode']}'), which Headstart does not do.")
    return InputFacts(
        size=(height, width),
        crop_fraction=facts["crop_pct"],
        crop_mode=facts["crop_mode"],
        interpolation=facts["interpolation"],
        mean=for_channels(facts["mean"], wanted),
        std=for_channels(facts["std"], wanted),
        channels=wanted,
        fixed_size=bool(config.get("fixed_input_size")) if fixed is None else fixed,
    )


def for_channels(values: tuple[float, ...], channels: int) -> tuple[float, ...]:
    """Normalisation of as many channels as are wanted: the mean over the known ones serves where they do not fit."""
    return tuple(values) if len(values) == channels else (sum(values) / len(values),) * channels


SOURCE = TimmSource()
