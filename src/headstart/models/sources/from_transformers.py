"""Image networks and text encoders of transformers: `hf/ORG/REPOSITORY[@REVISION]` and `hf/local-dir:FOLDER`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from headstart.core.card import Architecture, Gives, InputFacts, ModelCard
from headstart.core.errors import ModelError
from headstart.models.backbone import Backbone
from headstart.models.cards import pretraining
from headstart.models.cards.label_names import label_names
from headstart.models.catalogue import accuracy_of, catalogued
from headstart.models.fetching import hub
from headstart.models.files.folder import folder_id, front_matter, holds_images, licence_of, read_config
from headstart.models.files.weights import identity, weight_files
from headstart.models.foreign_errors import in_short
from headstart.models.identifiers import FOLDER
from headstart.models.plausible import check_held, check_memory
from headstart.models.transformers.image_towers import PART
from headstart.models.transformers.texts import (
    build_text_backbone,
    describe_encoder,
    is_encoder,
    load_text_backbone,
    looks_like_encoder,
    refuse_channels,
)

PROCESSOR = "preprocessor_config.json"


@dataclass(frozen=True)
class _Place:
    """Where a model's files lie on this machine, and what pins them."""

    id: str
    folder: Path
    revision: str


class TransformersSource:
    """The one place that builds networks of transformers."""

    name = "hf"

    def installed(self) -> bool:
        """Whether transformers can be imported."""
        from importlib.util import find_spec

        return find_spec("transformers") is not None

    def cards(self, pattern: str = "*") -> list[ModelCard]:
        """The catalogued models and the cached ones; the hub has far too many to list."""
        listed = [card for card in catalogued() if card.source == self.name]
        known = {card.id for card in listed}
        for repository in hub.cached_repositories():
            snapshot = hub.cached(repository)
            if snapshot is None or f"hf/{repository}" in known:
                continue
            if holds_images(snapshot.folder) or looks_like_encoder(snapshot.folder):
                listed.append(self.card(str(repository), offline=True, pretrained=False))
        return [card for card in listed if fnmatchcase(card.id, pattern)]

    def card(self, model: str, *, offline: bool, pretrained: bool = True) -> ModelCard:
        """The card of one model. Raises `ModelError` where it is unknown, or `pretrained` and out of reach."""
        return _card_of(_place(model, need="card" if pretrained else "structure", may_ask=not offline))

    def load(self, model: str, *, pretrained: bool, offline: bool, channels: int | None = None) -> Backbone:
        """Build the network and, unless `pretrained` is False, load its weights in float32."""
        from headstart.models.transformers.detector import detector_class
        from headstart.models.transformers.network import TransformersBackbone, create, create_pretrained, split
        from headstart.models.transformers.own_head import detector_backbone

        place = _place(model, need="weights" if pretrained else "structure", may_ask=not offline)
        if is_encoder(read_config(place.folder)):
            refuse_channels(place.id, channels)
            return load_text_backbone(place.id, place.folder, revision=place.revision, pretrained=pretrained)
        card, architecture = _described(place)
        own = card.input.channels if isinstance(card.input, InputFacts) else 3
        if channels not in (None, own):
            raise ModelError(
                f"{card.id} takes {own} channels, not {channels}.",
                hint="Leave the number of channels out: pictures are then converted. timm's models can be given more.",
            )
        if pretrained:
            check_held(card.parameters or 0, weight_files(place.folder), model=card.id)
            network, has_head = create_pretrained(architecture, place.folder, model=card.id)
        else:
            check_memory(card.parameters or 0, model=card.id)
            network, has_head = create(architecture), False
            card = card.model_copy(update={"pretrained_on": "", "source_labels": ()})
        if detector_class(architecture.arguments["config"]):
            return detector_backbone(network, card, architecture, learnt=pretrained)
        body, head = split(network, model=card.id)
        known = head if has_head else None
        return TransformersBackbone(
            body.float(), card=card, architecture=architecture, width=card.width or 0, head=known
        ).eval()

    def build(self, architecture: Architecture, card: ModelCard) -> Backbone:
        """Build from a saved description, freshly initialised. Raises `ModelError` where that cannot be done."""
        if card.modality == "text":
            return build_text_backbone(architecture, card)
        from headstart.models.transformers.detector import detector_class
        from headstart.models.transformers.network import TransformersBackbone, create, measure, split
        from headstart.models.transformers.own_head import detector_backbone

        size = card.input.size if isinstance(card.input, InputFacts) else (224, 224)
        measured = measure(architecture, model=card.id, size=size)
        check_memory(measured.parameters, model=card.id)
        if detector_class(architecture.arguments.get("config", {})):
            return detector_backbone(create(architecture), card, architecture, learnt=False)
        body, _ = split(create(architecture), model=card.id)
        return TransformersBackbone(body, card=card, architecture=architecture, width=measured.width, head=None).eval()

    def pull(self, model: str) -> ModelCard:
        """Fetch weights, config and preprocessing into the hub's cache."""
        return _card_of(_place(model, need="weights", may_ask=True))


def _place(model: str, *, need: hub.Need, may_ask: bool) -> _Place:
    if model.startswith(FOLDER):
        folder = Path(model.removeprefix(FOLDER)).expanduser()
        read_config(folder)
        return _Place(folder_id(folder), folder, identity(weight_files(folder)))
    repository = hub.Repository.parse(model)
    name = f"hf/{repository}"
    snapshot = hub.fetch(repository, need=need, may_ask=may_ask, model=name)
    return _Place(name, snapshot.folder, snapshot.commit)


def _card_of(place: _Place) -> ModelCard:
    if is_encoder(read_config(place.folder)):
        return describe_encoder(place.id, place.folder, revision=place.revision)[0]
    return _described(place)[0]


def _described(place: _Place) -> tuple[ModelCard, Architecture]:
    """A model's card with its counts, and its architecture."""
    from headstart.models.transformers.detector import detector_class
    from headstart.models.transformers.network import architecture_of, measure

    config = read_config(place.folder)
    if "model_type" not in config and "architecture" in config:
        raise ModelError(
            f"{place.id} is in timm's form.", hint=f"Write timm/hf-hub:{place.id.removeprefix('hf/')} for it."
        )
    settings = _settings(place)
    architecture = architecture_of(config, reverse=bool((settings or {}).get("do_flip_channel_order")))
    try:
        facts = _facts(settings, architecture.arguments["config"])
    except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise ModelError(f"The preprocessing that {place.id} describes makes no sense: {error}.") from error
    width, parameters, fixed = measure(architecture, model=place.id, size=facts.size)
    metadata = front_matter(place.folder)
    labels = label_names(config)
    note = "" if settings else f"It comes without {PROCESSOR}: ImageNet's usual preprocessing is assumed."
    card = ModelCard(
        id=place.id,
        source="hf",
        parameters=parameters,
        width=width,
        input=facts.model_copy(update={"fixed_size": fixed}),
        gives=("pooled", *_own(labels, detects=bool(detector_class(architecture.arguments["config"]))), "gradient"),
        pretrained_on=_source_data(metadata, labels),
        source_labels=labels,
        licence=licence_of(metadata),
        revision=place.revision,
        upstream_accuracy=accuracy_of(place.id),
        location=str(place.folder),
        note=note,
    )
    return card, architecture


def _own(labels: tuple[str, ...], *, detects: bool) -> tuple[Gives, ...]:
    """What a network says of its classes; the head of a detector does not work on pooled features."""
    if detects:
        return ("boxes",)
    return ("logits",) if labels else ()


def _source_data(metadata: Mapping[str, Any], labels: tuple[str, ...]) -> str:
    listed = metadata.get("datasets")
    named = pretraining.source_data([str(name) for name in listed]) if isinstance(listed, list) else ""
    return named or pretraining.of_labels(labels) or pretraining.UNKNOWN


def _settings(place: _Place) -> dict[str, Any] | None:
    """The settings of the model's image processor with the library's defaults filled in; None where it has none."""
    if not (place.folder / PROCESSOR).is_file():
        return None
    read_config(place.folder, PROCESSOR)
    from transformers import AutoImageProcessor

    try:
        processor = AutoImageProcessor.from_pretrained(place.folder, local_files_only=True, trust_remote_code=False)
        settings: dict[str, Any] = processor.to_dict()
    except Exception as error:
        # Whatever fails in there, it is the description that came from outside that made it fail.
        raise ModelError(f"The image processor of {place.id} cannot be read: {in_short(error)}.") from error
    return settings


def _facts(settings: dict[str, Any] | None, config: Mapping[str, Any]) -> InputFacts:
    from headstart.models.cards.processor_facts import facts_of

    seeing = config.get(PART) or config
    channels = int(seeing.get("num_channels") or 3)
    size = seeing.get("image_size") or 224
    own = (size, size) if isinstance(size, int) else tuple(size)[:2]
    if settings is None:
        usual = InputFacts(size=own)
        return usual if channels == 3 else usual.model_copy(update=_flat(usual, channels))
    facts = facts_of(settings, channels=channels, fixed=False, own_size=own)
    if settings.get("do_flip_channel_order"):
        facts = facts.model_copy(update={"mean": facts.mean[::-1], "std": facts.std[::-1]})
    return facts


def _flat(facts: InputFacts, channels: int) -> dict[str, Any]:
    mean, std = (sum(values) / len(values) for values in (facts.mean, facts.std))
    return {"channels": channels, "mean": (mean,) * channels, "std": (std,) * channels}


SOURCE = TransformersSource()
