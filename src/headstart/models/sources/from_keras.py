"""Networks of Keras 3 on torch: `keras/NAME[:FILE]` of `keras.applications`, `.keras` files, presets of KerasHub."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.core.card import InputFacts, ModelCard
from headstart.core.errors import ModelError
from headstart.models.files.folder import folder_id
from headstart.models.files.weights import identity
from headstart.models.identifiers import FOLDER
from headstart.models.sources.id_options import picture_facts, split_options

if TYPE_CHECKING:
    from headstart.core.card import Architecture
    from headstart.models.backbone import Backbone
    from headstart.models.keras.network import KerasBackbone
    from headstart.models.networks.tracing import Place

OPTIONS = ("features", "size", "mean", "std")
CROP = "Keras does not say how its pictures are cropped: a shorter side of 8/7 and bilinear is assumed."
ASSUMED = "Nothing says how its pictures are normalised: values of 0..1 are assumed. #mean= and #std= say otherwise."
LARGER = 32


class KerasSource:
    """The one place that builds networks of Keras."""

    name = "keras"

    def installed(self) -> bool:
        """Whether Keras can be imported."""
        from importlib.util import find_spec

        return find_spec("keras") is not None

    def cards(self, pattern: str = "*") -> list[ModelCard]:
        """A card for every network of `keras.applications`, without counts; Keras is not imported."""
        from headstart.models.keras.recipe import SIDES

        names = [name for name in SIDES if fnmatchcase(f"keras/{name}", pattern)]
        return [
            ModelCard(
                id=f"keras/{name}",
                source=self.name,
                input=InputFacts(size=(SIDES[name],) * 2),
                pretrained_on="ImageNet-1k",
            )
            for name in names
        ]

    def card(self, model: str, *, offline: bool, pretrained: bool = True) -> ModelCard:
        """The card of one model, for which it is built. Raises `ModelError` where it is unknown or out of reach."""
        return self.load(model, pretrained=pretrained, offline=offline).card

    def load(self, model: str, *, pretrained: bool, offline: bool, channels: int | None = None) -> Backbone:
        """Build the network and, unless `pretrained` is False, load its weights in float32."""
        return _load(model, pretrained=pretrained, may_ask=not offline, channels=channels)

    def build(self, architecture: Architecture, card: ModelCard) -> Backbone:
        """Build from a saved description, freshly initialised. Raises `ModelError` where that cannot be done."""
        from headstart.models.keras.graph import rebuilt
        from headstart.models.keras.network import KerasBackbone

        if card.width is None:
            raise ModelError(f"The description of {card.id} does not say how many features it gives.")
        known = architecture.arguments
        body = rebuilt(known["config"], model=card.id) if "config" in known else _application(architecture, card.id)
        return KerasBackbone(body, card=card, architecture=architecture, width=card.width).eval()

    def pull(self, model: str) -> ModelCard:
        """Fetch the weights into the cache of Keras."""
        return _load(model, pretrained=True, may_ask=True).card


def cached(model: str) -> Path | None:
    """Where the weights of an id are on this machine; they are not looked at, and Keras is not imported."""
    from headstart.models.keras.recipe import cached_weights

    name, colon, file = model.partition("#")[0].partition(":")
    if colon:
        return Path(file).expanduser() if Path(file).expanduser().is_file() else None
    return cached_weights(name)


def _load(model: str, *, pretrained: bool, may_ask: bool, channels: int | None = None) -> KerasBackbone:
    from headstart.models.networks.tracing import Place

    local = model.startswith(FOLDER)
    name, options = split_options(model.removeprefix(FOLDER), allowed=OPTIONS if local else ("features",))
    details = model.removeprefix(FOLDER).removeprefix(name)
    whole = (folder_id(Path(name)) if local else f"keras/{name}") + details
    place = Place.of(options["features"], model=whole) if "features" in options else None
    if local:
        found = _of_file(Path(name).expanduser(), options, model=whole, place=place, pretrained=pretrained)
    else:
        found = _of_application(name, model=whole, place=place, pretrained=pretrained, may_ask=may_ask)
    facts = found.card.input
    assert isinstance(facts, InputFacts)
    if channels not in (None, facts.channels):
        raise ModelError(
            f"{whole} takes {facts.channels} channels, not {channels}.",
            hint="Leave the number of channels out: pictures are then converted. timm's models can be given more.",
        )
    return found


def _of_application(model_name: str, *, model: str, place: Any, pretrained: bool, may_ask: bool) -> KerasBackbone:
    from headstart.core.card import Architecture
    from headstart.models.keras.graph import cut
    from headstart.models.keras.recipe import cached_weights, check_name, create, preparation
    from headstart.models.torchvision.recipe import ONE_THOUSAND, thousand_classes

    name, colon, given = model_name.partition(":")
    check_name(name)
    file = Path(given).expanduser() if colon else None
    if file is not None and not file.is_file():
        raise ModelError(f"{file} is not there: {model} names it as a file of weights.")
    weights = str(file) if file is not None else "imagenet"
    made = cut(create(name, weights=weights if pretrained else None, may_ask=may_ask), model=model, place=place)
    facts, reversed_ = preparation(name)
    arguments = {"features": made.place.text, "reversed": reversed_}
    taken = file or cached_weights(name)
    card = ModelCard(
        id=model,
        source=KerasSource.name,
        input=facts,
        pretrained_on="" if not pretrained else ONE_THOUSAND if file is None else "unknown",
        source_labels=thousand_classes() if pretrained and file is None else (),
        revision=identity([taken]) if taken is not None and pretrained else "",
        location=str(taken) if taken is not None else "",
        note=CROP,
    )
    architecture = Architecture(source=KerasSource.name, name=name, arguments=arguments)
    return _completed(made, card, architecture, pretrained=pretrained)


def _of_file(file: Path, options: dict[str, str], *, model: str, place: Any, pretrained: bool) -> KerasBackbone:
    from headstart.models.keras.graph import read
    from headstart.models.keras.preset import preset_facts, preset_note, read_preset

    if not file.exists():
        raise ModelError(f"The model file {file} does not exist.")
    preset = file.is_dir()
    network = read_preset(file) if preset else read(file)
    said = preset_facts(file) if preset else None
    card = ModelCard(
        id=model,
        source=KerasSource.name,
        input=said,
        revision=identity(sorted(file.glob("*.h5")) if preset else [file]),
        location=str(file),
        note=preset_note(file) if said is not None else "",
    )
    return of_graph(network, options, card=card, place=place, pretrained=pretrained)


def of_graph(
    network: Any, options: Mapping[str, str], *, card: ModelCard, place: Place | None, pretrained: bool
) -> KerasBackbone:
    """A backbone of a graph of Keras with its weights, or with fresh ones.

    `card` says where it is from, and in `input` how its pictures are prepared, where anything says so. Raises
    `ModelError` where its features cannot be told, or it is not for pictures.
    """
    from headstart.core.card import Architecture
    from headstart.models.keras.graph import cut, described, prepares_itself, rebuilt
    from headstart.models.keras.recipe import RAW, UNIT

    made = cut(network, model=card.id, place=place)
    config = described(made.body)
    raw = prepares_itself(made.body)
    known = card.input if isinstance(card.input, InputFacts) else None
    usual = known or (RAW if raw else UNIT)
    facts = picture_facts(_sized(usual, made.body.inputs[0].shape, card.id), options, model=card.id)
    note = CROP if raw or {"mean", "std"} & options.keys() else f"{ASSUMED} {CROP}"
    if not pretrained:
        made = made._replace(body=rebuilt(config, model=card.id))
    card = card.model_copy(
        update={
            "input": facts,
            "pretrained_on": "unknown" if pretrained else "",
            "revision": card.revision if pretrained else "",
            "note": card.note if known is not None else f"{card.note} {note}".strip(),
        }
    )
    arguments = {"features": made.place.text, "config": config}
    architecture = Architecture(source=KerasSource.name, name=Path(card.location).name, arguments=arguments)
    return _completed(made, card, architecture, pretrained=pretrained)


def _sized(facts: InputFacts, shape: Any, model: str) -> InputFacts:
    """Facts with the size and the channels of a graph's input."""
    first = shape[-1] not in (1, 3, 4) and len(shape) == 4 and shape[1] in (1, 3, 4)
    if len(shape) != 4 or not (first or shape[-1] in (1, 3, 4)):
        raise ModelError(f"{model} does not take pictures: its input is {tuple(shape)}.")
    channels = shape[1] if first else shape[3]
    height, width = shape[2:4] if first else shape[1:3]
    return facts.model_copy(
        update={
            "size": (height or facts.size[0], width or facts.size[1]),
            "channels": channels,
            "mean": facts.mean if len(facts.mean) == channels else (facts.mean[0],) * channels,
            "std": facts.std if len(facts.std) == channels else (facts.std[0],) * channels,
        }
    )


def _completed(made: Any, card: ModelCard, architecture: Architecture, *, pretrained: bool) -> KerasBackbone:
    """The backbone, with what is only known of it once it has run."""
    from headstart.models.keras.network import KerasBackbone, head_of

    facts = card.input
    assert isinstance(facts, InputFacts)
    head = head_of(made.classifier) if pretrained else None
    backbone = KerasBackbone(made.body, card=card, architecture=architecture, width=0, head=head).eval()
    width = _run(backbone, facts, larger=0)
    if isinstance(width, Exception):
        raise ModelError(
            f"{card.id} cannot be run on pictures of {facts.size[0]} x {facts.size[1]} pixels: {width}.",
            hint="Where it wants others, say so at the end of the id: #size=PIXELS.",
        )
    backbone.width = width
    larger = _run(backbone, facts, larger=LARGER)
    backbone.card = card.model_copy(
        update={
            "parameters": sum(parameter.numel() for parameter in backbone.parameters()),
            "width": width,
            "input": facts.model_copy(update={"fixed_size": larger != width}),
            "gives": ("pooled", "logits", "gradient") if made.classifier is not None else ("pooled", "gradient"),
        }
    )
    return backbone


def _run(backbone: KerasBackbone, facts: InputFacts, *, larger: int) -> int | Exception:
    """The number of features of a picture, or what went wrong."""
    import torch

    height, width = (side + larger for side in facts.size)
    try:
        with torch.no_grad():
            pooled = backbone(torch.zeros(1, facts.channels, height, width)).pooled
        return int(pooled.shape[1]) if pooled is not None else 0
    except Exception as error:  # noqa: BLE001 - whether a size is taken, and what is said where not, is what is asked
        return error


def _application(architecture: Architecture, model: str) -> Any:
    from headstart.models.keras.graph import cut
    from headstart.models.keras.recipe import check_name, create
    from headstart.models.networks.tracing import Place

    check_name(architecture.name)
    place = Place.of(str(architecture.arguments["features"]), model=model)
    return cut(create(architecture.name, weights=None), model=model, place=place).body


SOURCE = KerasSource()
