"""The bundled models, `starter/NAME`: folders in timm's form, so timm's source does the work, and text encoders."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from headstart.core.card import Architecture, ModelCard
from headstart.models.bundled import bundled, folder_of
from headstart.models.bundled_texts import known_text_starter, layers_of, text_starter_folder, text_starters
from headstart.models.files.weights import identity, weight_files
from headstart.models.transformers.texts import describe_encoder, load_text_backbone, refuse_channels

if TYPE_CHECKING:
    from headstart.models.backbone import Backbone
    from headstart.models.timm.recipe import Recipe


class StarterSource:
    """Small models that are always there, without any network."""

    name = "starter"

    def installed(self) -> bool:
        """Whether timm, which builds them, can be imported."""
        from importlib.util import find_spec

        return find_spec("timm") is not None

    def cards(self, pattern: str = "*") -> list[ModelCard]:
        """The cards of the bundled models."""
        names = [*bundled(), *text_starters()]
        return [self.card(name, offline=True) for name in names if fnmatchcase(f"starter/{name}", pattern)]

    def card(self, model: str, *, offline: bool, pretrained: bool = True) -> ModelCard:
        """The card of one bundled model. Raises `ModelError` for a name that there is not."""
        from headstart.models.sources.from_timm import described

        del offline, pretrained
        if known_text_starter(model):
            folder = text_starter_folder(model)
            revision, layers = identity(weight_files(folder)), layers_of(model)
            found = describe_encoder(f"starter/{model}", folder, revision=revision, layers=layers)[0]
            return found.model_copy(update={"source": self.name})
        return described(_recipe(model), channels=None)[0].model_copy(update={"source": self.name})

    def load(self, model: str, *, pretrained: bool, offline: bool, channels: int | None = None) -> Backbone:
        """The backbone of one bundled model, in float32."""
        from headstart.models.sources.from_timm import load_recipe

        del offline
        if known_text_starter(model):
            refuse_channels(f"starter/{model}", channels)
            return _load_encoder(model, pretrained=pretrained)
        backbone = load_recipe(_recipe(model), pretrained=pretrained, channels=channels)
        backbone.card = backbone.card.model_copy(update={"source": self.name})
        return backbone

    def build(self, architecture: Architecture, card: ModelCard) -> Backbone:
        """Build from a saved description, freshly initialised."""
        from headstart.models.sources.from_timm import SOURCE as TIMM

        return TIMM.build(architecture, card)

    def pull(self, model: str) -> ModelCard:
        """Nothing has to be fetched."""
        return self.card(model, offline=True)


def _load_encoder(name: str, *, pretrained: bool) -> Backbone:
    folder = text_starter_folder(name)
    revision = identity(weight_files(folder))
    layers = layers_of(name)
    backbone = load_text_backbone(f"starter/{name}", folder, revision=revision, pretrained=pretrained, layers=layers)
    backbone.card = backbone.card.model_copy(update={"source": StarterSource.name})
    return backbone


def _recipe(name: str) -> Recipe:
    from headstart.models.timm.recipe import from_folder

    return replace(from_folder(folder_of(name), model=f"starter/{name}"), id=f"starter/{name}")


SOURCE = StarterSource()
