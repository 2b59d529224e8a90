"""Networks of torch's hub: `torchhub/OWNER/REPO:ENTRY@COMMIT`, and local folders with a `hubconf.py`.

They are somebody's code, which is run where that was allowed (`--allow-code`) and nowhere else.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from headstart.core.card import InputFacts, ModelCard
from headstart.core.errors import ModelError
from headstart.models.sources.id_options import PICTURES, picture_facts, split_options

if TYPE_CHECKING:
    from torch import nn

    from headstart.core.card import Architecture
    from headstart.models.backbone import Backbone
    from headstart.models.torchhub.code import Code
    from headstart.models.torchhub.network import TorchhubBackbone

ASSUMED = (
    "Nothing says how its pictures are prepared: {pixels} pixels and the mean and deviation of ImageNet are assumed."
)


class TorchhubSource:
    """The one place that runs the code of torch's hub."""

    name = "torchhub"

    def installed(self) -> bool:
        """Always: it is a part of torch."""
        return True

    def cards(self, pattern: str = "*") -> list[ModelCard]:
        """None: nobody lists what there is on the hub."""
        del pattern
        return []

    def card(self, model: str, *, offline: bool, pretrained: bool = True) -> ModelCard:
        """The card of one model, for which it is built and run. Raises `ModelError` where it cannot be, or may not."""
        return self.load(model, pretrained=pretrained, offline=offline).card

    def load(self, model: str, *, pretrained: bool, offline: bool, channels: int | None = None) -> Backbone:
        """Run the code and, unless `pretrained` is False, have it load its weights."""
        return _load(model, pretrained=pretrained, may_ask=not offline, channels=channels)

    def build(self, architecture: Architecture, card: ModelCard) -> Backbone:
        """An empty network, which is built when it gets its code back."""
        from headstart.models.torchhub.network import TorchhubBackbone

        if card.width is None:
            raise ModelError(f"The description of {card.id} does not say how many features it gives.")
        return TorchhubBackbone(None, card=card, architecture=architecture, width=card.width).eval()

    def pull(self, model: str) -> ModelCard:
        """Fetch the code and, by running it, the weights."""
        return _load(model, pretrained=True, may_ask=True).card


def _load(model: str, *, pretrained: bool, may_ask: bool, channels: int | None = None) -> TorchhubBackbone:
    from headstart.models.networks.tracing import OPTION, Place
    from headstart.models.torchhub import code as hub_code
    from headstart.models.torchhub.consent import check_code_allowed
    from headstart.models.torchhub.network import TorchhubBackbone, described, explore

    name, options = split_options(model, allowed=(OPTION, *PICTURES))
    code = hub_code.parse(name)
    whole = f"{code.id}{model.removeprefix(name)}"
    facts = picture_facts(InputFacts(), options, model=whole)
    if channels not in (None, facts.channels):
        raise ModelError(
            f"{whole} takes {facts.channels} channels, not {channels}.",
            hint=f"Where its first layer takes {channels}, say so: #channels={channels} at the end of the id.",
        )
    place = Place.of(options[OPTION], model=whole) if OPTION in options else None
    check_code_allowed(whole, whose=code.whose)
    folder = hub_code.fetch(code, may_ask=may_ask)
    network, told = hub_code.create(code, folder, pretrained=pretrained, may_ask=may_ask)
    _check_fresh(code, pretrained=pretrained, told=told)
    traits = explore(network, facts, model=whole, place=place)
    architecture, packed = described(code, folder, facts, traits.parts.place)
    pinned = code.commit or str(architecture.arguments["code"])
    card = ModelCard(
        id=whole,
        source=TorchhubSource.name,
        parameters=traits.parameters,
        width=traits.parts.width,
        input=facts.model_copy(update={"fixed_size": traits.fixed_size}),
        gives=("pooled", "logits", "gradient") if traits.parts.head is not None else ("pooled", "gradient"),
        pretrained_on="unknown" if pretrained else "",
        revision=f"{pinned}+{_digest(traits.parts.body)}" if pretrained else pinned,
        location=str(folder),
        note=_note(options, facts, traits.parts.place.text),
    )
    head = traits.parts.head if pretrained else None
    return TorchhubBackbone(
        traits.parts.body, card=card, architecture=architecture, width=traits.parts.width, head=head, code=packed
    ).eval()


def _check_fresh(code: Code, *, pretrained: bool, told: bool) -> None:
    """Raise `ModelError` where fresh weights were asked for and the code cannot be asked for them."""
    if not pretrained and not told:
        raise ModelError(
            f"{code.id} cannot be had with fresh weights: its function takes neither `pretrained` nor `weights`.",
            hint="Strategies that start from its weights, such as lp-ft, can be used.",
        )


def _digest(body: nn.Module) -> str:
    """The first digits of the hash of the weights: a commit pins the code, and not what the code fetches."""
    import hashlib

    digest = hashlib.sha256()
    for name, value in sorted(body.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:12]


def _note(options: dict[str, str], facts: InputFacts, place: str) -> str:
    texts = [f"Its pooled features are those at {place}."]
    if not {"mean", "std", "size"} <= options.keys():
        texts.append(ASSUMED.format(pixels=facts.size[0]))
    return " ".join(texts)


def is_cached(model: str) -> Path | None:
    """Where the code of an id is on this machine, whose weights may be somewhere else; nothing is run."""
    from headstart.models.torchhub import code as hub_code

    code = hub_code.parse(model.partition("#")[0])
    return code.place if code.there else None


SOURCE = TorchhubSource()
