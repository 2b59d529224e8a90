"""A network that somebody's code has built, up to its pooled features; the code travels with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from headstart.core.card import Architecture, InputFacts, ModelCard
from headstart.core.errors import ModelError
from headstart.models.backbone import Features
from headstart.models.files.carried import digest_of, files_of, pack, unpack
from headstart.models.networks.headless import TracedBackbone
from headstart.models.networks.layer_blocks import by_block
from headstart.models.networks.source_head import SourceHead
from headstart.models.networks.tracing import Place, Split, split
from headstart.models.torchhub.code import Code, create
from headstart.models.torchhub.consent import check_code_allowed

CODE = "code.zip"
"""What the code is called in the folder of a run."""
LARGEST = 4 * 2**20
"""Bytes of a file that still counts as code and travels; weights are larger, and travel on their own."""
LARGER = 32


class Traits(NamedTuple):
    """What a network that has been run shows of itself."""

    parts: Split
    parameters: int
    fixed_size: bool


class TorchhubBackbone(TracedBackbone):
    """What a function of a `hubconf.py` gives, cut off after its pooled features.

    Built from a description it is empty until it gets its code (`take_companions`), which has to be allowed.
    """

    def __init__(
        self,
        body: nn.Module | None,
        *,
        card: ModelCard,
        architecture: Architecture,
        width: int,
        head: SourceHead | None = None,
        code: bytes = b"",
    ) -> None:
        super().__init__(body or nn.Module(), card=card, architecture=architecture, width=width, head=head)
        self.code = code

    def forward(self, inputs: Tensor) -> Features:
        """Pooled features of (N, C, H, W) inputs."""
        return Features(pooled=self.body(inputs))

    def layer_groups(self) -> Sequence[tuple[str, ...]]:
        """The blocks of the network in the order of registration, which in most is that of computation."""
        return [tuple(f"body.{name}" for name in names) for names in by_block(self.body, opened=_opened(self.body))]

    def companions(self) -> dict[str, bytes]:
        """The code, without which the weights are of no use."""
        return {CODE: self.code}

    def take_companions(self, files: Mapping[str, bytes]) -> None:
        """Build the network with its code, freshly initialised. Raises `ModelError` where that was not allowed."""
        if CODE not in files:
            raise ModelError(
                f"The code of {self.card.id} is missing: {CODE} is not beside its weights.",
                hint="Copy the whole folder of the run.",
            )
        known = self.architecture.arguments
        code = _code(self.architecture, model=self.card.id)
        check_code_allowed(f"A network made from {self.card.id}", whose=code.whose)
        folder = unpack(files[CODE], digest=str(known["code"]), model=self.card.id)
        network, _ = create(code, folder, pretrained=False, may_ask=False)
        facts = InputFacts(size=tuple(known["size"]), channels=int(known["channels"]))
        place = Place.of(str(known["features"]), model=self.card.id)
        parts = split(network, example(facts), model=self.card.id, place=place)
        if parts.width != self.width:
            raise ModelError(f"The code of {self.card.id} gives {parts.width} features now, and gave {self.width}.")
        self.code = files[CODE]
        self.body = parts.body.train(self.training)
        self.look_again()


def _opened(body: nn.Module) -> tuple[type[nn.Module], ...]:
    """The kinds that are only what blocks lie in: the network itself, and what holds nothing but the network."""
    found: list[type[nn.Module]] = [type(body)]
    while len(children := list(body.children())) == 1 and not list(body.parameters(recurse=False)):
        body = children[0]
        found.append(type(body))
    return tuple(found)


def example(facts: InputFacts, *, larger: int = 0) -> Tensor:
    """Two pictures of noise, always the same."""
    height, width = (side + larger for side in facts.size)
    return torch.randn(2, facts.channels, height, width, generator=torch.Generator().manual_seed(0))


def explore(network: nn.Module, facts: InputFacts, *, model: str, place: Place | None) -> Traits:
    """Cut a network off after its features, and see what it takes. Raises `ModelError` where that cannot be done."""
    parts = split(network, example(facts), model=model, place=place)
    parameters = sum(parameter.numel() for parameter in parts.body.parameters())
    return Traits(parts, parameters, not _runs(parts.body, example(facts, larger=LARGER)))


def _runs(body: nn.Module, inputs: Tensor) -> bool:
    try:
        with torch.no_grad():
            body(inputs)
    except Exception:  # noqa: BLE001 - whether somebody else's code takes a picture is just what is asked
        return False
    return True


def described(code: Code, folder: Path, facts: InputFacts, place: Place) -> tuple[Architecture, bytes]:
    """What builds the network again, and the code that this takes."""
    names = files_of(folder, largest=LARGEST)
    arguments: dict[str, Any] = {
        "code": digest_of(folder, names),
        "features": place.text,
        "size": list(facts.size),
        "channels": facts.channels,
    }
    if code.owner:
        arguments |= {"owner": code.owner, "repository": code.repository, "commit": code.commit}
    return Architecture(source="torchhub", name=code.entry, arguments=arguments), pack(folder, names)


def _code(architecture: Architecture, *, model: str) -> Code:
    known = architecture.arguments
    if "commit" in known:
        owner, repository, commit = (str(known[name]) for name in ("owner", "repository", "commit"))
        return Code(architecture.name, owner, repository, commit, saved_as=model)
    return Code(architecture.name, saved_as=model)
