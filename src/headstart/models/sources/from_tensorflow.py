"""SavedModels of TensorFlow: `tfhub/HANDLE` out of the cache of tensorflow_hub, and local folders."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from headstart.core.card import InputFacts, ModelCard
from headstart.core.errors import ModelError
from headstart.models.files.folder import SAVED_MODEL, folder_id
from headstart.models.identifiers import FOLDER
from headstart.models.sources.id_options import picture_facts, split_options

if TYPE_CHECKING:
    from headstart.core.card import Architecture
    from headstart.models.backbone import Backbone
    from headstart.models.tensorflow.network import TensorflowBackbone
    from headstart.models.tensorflow.process import Process
    from headstart.models.tensorflow.rebuilt import Rebuilt

OPTIONS = ("features", "signature", "output", "size", "mean", "std")
HOSTS = ("https://tfhub.dev/", "https://www.kaggle.com/models/")
UNIT = InputFacts(mean=(0.0,) * 3, std=(1.0,) * 3)
ASSUMED = "Values of 0..1 are assumed, as is usual on TensorFlow Hub. #mean= and #std= say otherwise."
WHY = "TensorFlow computes its features in a process of its own, and hands on no gradient."
REBUILT = "Keras on torch computes its layers: of random pictures they say what TensorFlow says."
LARGER = 32


class TensorflowSource:
    """The one place that runs models of TensorFlow."""

    name = "tfhub"

    def installed(self) -> bool:
        """Whether TensorFlow can be imported."""
        from importlib.util import find_spec

        return find_spec("tensorflow") is not None

    def cards(self, pattern: str = "*") -> list[ModelCard]:
        """None: nobody lists what there is on the hub."""
        del pattern
        return []

    def card(self, model: str, *, offline: bool, pretrained: bool = True) -> ModelCard:
        """The card of one model, for which it is run. Raises `ModelError` where it is not on this machine."""
        found = self.load(model, pretrained=True, offline=offline).card
        if pretrained or "gradient" not in found.gives:
            return found
        return self.load(model, pretrained=False, offline=offline).card

    def load(self, model: str, *, pretrained: bool, offline: bool, channels: int | None = None) -> Backbone:
        """A network of Keras where the SavedModel was one of Keras 2, else one that gives features and no gradient.

        Fresh weights can be had of the former only.
        """
        del offline  # nothing is ever fetched
        found = _load(model, pretrained=pretrained)
        facts = found.card.input
        assert isinstance(facts, InputFacts)
        if channels not in (None, facts.channels):
            raise ModelError(f"{found.card.id} takes {facts.channels} channels, not {channels}.")
        return found

    def build(self, architecture: Architecture, card: ModelCard) -> Backbone:
        """A backbone that waits for its SavedModel (`take_companions`)."""
        from headstart.models.tensorflow.network import TensorflowBackbone

        if card.width is None:
            raise ModelError(f"The description of {card.id} does not say how many features it gives.")
        return TensorflowBackbone(None, card=card, architecture=architecture, width=card.width).eval()

    def pull(self, model: str) -> ModelCard:
        """Nothing is fetched: the model has to be on this machine. Raises `ModelError`, saying how to get it there."""
        return _load(model).card


def cached(model: str) -> Path | None:
    """Where tensorflow_hub has put a model on this machine."""
    return next((place for place in _places(model.partition("#")[0]) if (place / SAVED_MODEL).is_file()), None)


def _places(handle: str) -> list[Path]:
    given = os.environ.get("TFHUB_CACHE_DIR")
    folder = Path(given).expanduser() if given else Path(tempfile.gettempdir()) / "tfhub_modules"
    whole = [handle] if "://" in handle else [f"{host}{handle}" for host in HOSTS]
    return [folder / hashlib.sha1(address.encode(), usedforsecurity=False).hexdigest() for address in whole]


class _Opened(NamedTuple):
    """A SavedModel that runs, and what is known before its features are."""

    folder: Path
    run: Process
    card: ModelCard
    facts: InputFacts
    options: Mapping[str, str]


def _load(model: str, *, pretrained: bool = True) -> Backbone:
    """A network of Keras where the SavedModel can be built again, else frozen features with a card that says why."""
    from headstart.models.networks.tracing import OPTION, Place
    from headstart.models.sources.from_keras import of_graph
    from headstart.models.tensorflow.rebuilt import Rebuilt

    opened = _opened(model)
    card, options = opened.card, opened.options
    place = Place.of(options[OPTION], model=card.id) if OPTION in options else None
    found = _rebuilt(opened)
    if found.network is not None:
        try:
            return of_graph(found.network, options, card=card, place=place, pretrained=pretrained)
        except ModelError as error:
            if place is not None:
                raise
            found = Rebuilt(None, " ".join(error.problems).rstrip("."), found.raw)
    problems = [f"#{OPTION}= is for layers, and those of {card.id} cannot be had: {found.reason}."] if place else []
    if not pretrained:
        problems.append(f"{card.id} cannot be had with fresh weights, as its layers cannot be built: {found.reason}.")
    if problems:
        raise ModelError(problems, hint=f"What it gives can be used as it is: {card.id.partition('#')[0]}.")
    return _frozen(opened, found)


def _opened(model: str) -> _Opened:
    from headstart.models.files.carried import digest_of, files_of
    from headstart.models.tensorflow.process import Asked, process_of

    local = model.startswith(FOLDER)
    name, options = split_options(model.removeprefix(FOLDER), allowed=OPTIONS)
    folder = Path(name).expanduser() if local else _resolved(name)
    whole = (folder_id(Path(name)) if local else f"tfhub/{name}") + model.removeprefix(FOLDER).removeprefix(name)
    if not (folder / SAVED_MODEL).is_file():
        raise ModelError(f"{folder} is not a SavedModel: it has no {SAVED_MODEL}.")
    digest = digest_of(folder, files_of(folder))
    asked = Asked(folder, options.get("signature", ""), options.get("output", ""))
    run = process_of(asked, digest=digest, model=whole)
    facts = picture_facts(_sized(run.facts["input"], whole), options, model=whole)
    card = ModelCard(
        id=whole,
        source=TensorflowSource.name,
        parameters=run.facts["parameters"],
        gives=("pooled",),
        pretrained_on="unknown",
        revision=digest,
        location=str(folder),
        note=REBUILT,
    )
    return _Opened(folder, run, card, facts, options)


def _rebuilt(opened: _Opened) -> Rebuilt:
    from headstart.models.tensorflow.rebuilt import Rebuilt, rebuilt

    asked = next((name for name in ("output", "signature") if name in opened.options), None)
    if asked is not None:
        return Rebuilt(None, f"#{asked}= says what of it TensorFlow runs")
    return rebuilt(opened.run, opened.facts)


def _frozen(opened: _Opened, found: Rebuilt) -> TensorflowBackbone:
    from headstart.core.card import Architecture
    from headstart.models.tensorflow.network import TensorflowBackbone

    run, facts, said = opened.run, opened.facts, {"mean", "std"} & opened.options.keys()
    if found.raw and not said:
        facts = facts.model_copy(update={"std": (1 / 255,) * facts.channels})
    notes = [WHY, f"It is not trained as layers of Keras: {found.reason}.", *([] if said or found.raw else [ASSUMED])]
    known = {"digest": opened.card.revision, "signature": run.facts["signature"], "output": run.facts["output"]}
    architecture = Architecture(source=TensorflowSource.name, name=opened.folder.name, arguments=known)
    card = opened.card.model_copy(update={"input": facts, "note": " ".join(notes)})
    backbone = TensorflowBackbone(opened.folder, card=card, architecture=architecture, width=0).eval()
    backbone.width = _width(backbone, facts, larger=0)
    fixed = facts.size == tuple(run.facts["input"][1:3]) or not _takes(backbone, facts)
    backbone.card = card.model_copy(
        update={"width": backbone.width, "input": facts.model_copy(update={"fixed_size": fixed})}
    )
    return backbone


def _resolved(handle: str) -> Path:
    found = cached(handle)
    if found is None:
        places = _places(handle)
        raise ModelError(
            f"tfhub/{handle} is not on this machine: there is no SavedModel at {' or '.join(map(str, places))}.",
            hint="Headstart does not fetch from TensorFlow Hub. Unpack the model there, or anywhere and name the "
            "folder: --model ./FOLDER. TFHUB_CACHE_DIR names another cache.",
        )
    return found


def _sized(shape: list[Any], model: str) -> InputFacts:
    height, width, channels = shape[1:]
    if channels not in (None, 1, 3, 4):
        raise ModelError(f"{model} does not take pictures: its input is {tuple(shape)}.")
    count = channels or 3
    return UNIT.model_copy(
        update={
            "size": (height or UNIT.size[0], width or UNIT.size[1]),
            "channels": count,
            "mean": (0.0,) * count,
            "std": (1.0,) * count,
        }
    )


def _width(backbone: TensorflowBackbone, facts: InputFacts, *, larger: int) -> int:
    import torch

    height, width = (side + larger for side in facts.size)
    pooled = backbone(torch.zeros(1, facts.channels, height, width)).pooled
    return 0 if pooled is None else int(pooled.shape[1])


def _takes(backbone: TensorflowBackbone, facts: InputFacts) -> bool:
    """Whether pictures of another size give as many features."""
    try:
        return _width(backbone, facts, larger=LARGER) == backbone.width
    except ModelError:
        return False


SOURCE = TensorflowSource()
