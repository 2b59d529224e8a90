"""A recipe -> timm's network, split into the body that is trained and the head of the source task."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

import timm
import torch
from timm.models import adapt_input_conv, group_parameters
from torch import Tensor, nn

from headstart.core.card import Architecture, ModelCard
from headstart.core.errors import ModelError
from headstart.models.backbone import Features
from headstart.models.files.weights import check_weights, read_weights, weight_files
from headstart.models.foreign_errors import in_short
from headstart.models.networks.headless import HeadlessBackbone
from headstart.models.networks.layer_order import by_registration
from headstart.models.networks.source_head import SourceHead
from headstart.models.plausible import bounded, check_numbers
from headstart.models.timm.recipe import Recipe

# What of timm's pretrained config decides the structure of the network.
STRUCTURE = ("input_size", "fixed_input_size", "num_classes")
# A network with position embeddings that has these arguments takes pictures of any size, and computes the same as
# without them at its own.
ANY_SIZE = ("dynamic_img_size", "dynamic_img_pad")


class TimmBackbone(HeadlessBackbone):
    """A network of timm whose classifier has been taken off; its own pooling makes the features."""

    def __init__(
        self, body: nn.Module, *, card: ModelCard, architecture: Architecture, width: int, head: SourceHead | None
    ) -> None:
        super().__init__(body, card=card, architecture=architecture, width=width, head=head)
        self.stage_indices, channels = stages_of(body)
        self.stage_width = sum(channels) + width if channels else 0
        self._map_channels = tuple(channels)

    @property
    def map_channels(self) -> tuple[int, ...]:
        """Those of the intermediate maps that timm tells of."""
        return self._map_channels

    @property
    def map_strides(self) -> tuple[int, ...]:
        """The pixels between two cells of each."""
        return tuple(strides_of(self.body, self.stage_indices))

    def forward(self, inputs: Tensor) -> Features:
        """Pooled features of (N, C, H, W) inputs."""
        return Features(pooled=self.body(inputs))

    def forward_stages(self, inputs: Tensor) -> Features:
        """Pooled features, and with them the means of up to four maps on the way there."""
        if not self.stage_width:
            return super().forward_stages(inputs)
        body: Any = self.body
        last, maps = body.forward_intermediates(inputs, indices=self.stage_indices, norm=False, output_fmt="NCHW")
        pooled = body.forward_head(last)
        return Features(pooled=pooled, stages=torch.cat([*(one.mean((2, 3)) for one in maps), pooled], dim=1))

    def forward_maps(self, inputs: Tensor) -> Features:
        """Up to four maps; those of a network of attention are all of one size."""
        if not self.map_channels:
            return super().forward_maps(inputs)
        body: Any = self.body
        maps = body.forward_intermediates(
            inputs, indices=self.stage_indices, norm=False, output_fmt="NCHW", intermediates_only=True
        )
        return Features(maps=tuple(maps))

    def layer_groups(self) -> Sequence[tuple[str, ...]]:
        """The groups that timm gives, or the order of registration for the few networks without."""
        if not hasattr(self.body, "group_matcher"):
            return by_registration(name for name, _ in self.named_parameters())
        body: Any = self.body
        groups = group_parameters(body, body.group_matcher(coarse=False))
        return [tuple(f"body.{name}" for name in names) for names in groups.values()]


def stages_of(body: nn.Module) -> tuple[list[int], list[int]]:
    """Which of timm's intermediate maps stand for the stages of a network, and their channels.

    They are the last four where there are five at most, as in convolutional networks, else four spaced evenly in depth.
    Both are empty for a network that has no such maps, or where timm does not say how wide they are.
    """
    found: Any = getattr(body, "feature_info", None)
    rows = found.get_dicts() if hasattr(found, "get_dicts") else found
    if not hasattr(body, "forward_intermediates") or not isinstance(rows, Sequence) or not rows:
        return [], []
    count = len(rows)
    chosen = range(max(count - 4, 0), count) if count <= 5 else (round(count * part / 4) - 1 for part in (1, 2, 3, 4))
    indices = list(chosen)
    return indices, [int(rows[index]["num_chs"]) for index in indices]


def strides_of(body: nn.Module, indices: Sequence[int]) -> list[int]:
    """The pixels of the input between two cells of each of these intermediate maps."""
    found: Any = getattr(body, "feature_info", None)
    rows = found.get_dicts() if hasattr(found, "get_dicts") else found
    return [int(rows[index]["reduction"]) for index in indices]


class Measures(NamedTuple):
    """What is known of a network once it has been laid out, without weights."""

    width: int
    parameters: int


def architecture_of(recipe: Recipe, *, channels: int | None) -> Architecture:
    """The description that builds the recipe's network again, for `channels` input channels (None: its own)."""
    config = {key: recipe.config[key] for key in STRUCTURE if key in recipe.config}
    arguments = dict(recipe.arguments)
    if channels is not None and channels != own_channels(recipe):
        arguments["in_chans"] = channels
    if _any_size(recipe, config, arguments):
        arguments |= dict.fromkeys(ANY_SIZE, True)
    return Architecture(source="timm", name=recipe.architecture, arguments={"config": config, "model_args": arguments})


def own_channels(recipe: Recipe) -> int:
    """The number of input channels that the recipe's weights are for."""
    given = recipe.arguments.get("in_chans")
    return int(given if given is not None else recipe.config.get("input_size", (3,))[0])


def _any_size(recipe: Recipe, config: dict[str, Any], arguments: dict[str, Any]) -> bool:
    if not config.get("fixed_input_size") or any(name in arguments for name in ANY_SIZE):
        return False
    plain = Architecture(source="timm", name=recipe.architecture, arguments={"config": config, "model_args": arguments})
    with _on_meta():
        network = create(plain)
    return set(ANY_SIZE) <= inspect.signature(type(network).__init__).parameters.keys()


def create(architecture: Architecture) -> nn.Module:
    """A network with a fresh initialisation and its classifier on. Raises `ModelError` where timm cannot."""
    check_numbers(architecture.arguments, model=f"this '{architecture.name}'")
    return _create(architecture.name, architecture.arguments)


def create_pretrained(architecture: Architecture, recipe: Recipe) -> nn.Module:
    """A network with the weights of the recipe's folder, in float32. Raises `ModelError` where they do not fit."""
    if recipe.folder is None:
        raise ModelError(f"{recipe.id} has no weights on this machine.")
    files = weight_files(recipe.folder)
    if len(files) > 1:
        raise ModelError(f"The weights of {recipe.id} come in {len(files)} files; timm reads one.")
    check_weights(files[0])
    channels = architecture.arguments["model_args"].get("in_chans")
    if channels is not None and channels != own_channels(recipe):
        _check_channels(recipe, read_weights(files[0]), channels)
    if files[0].suffix != ".safetensors":
        read_weights(files[0])  # refuses what is more than weights, in words that a person can act on
    config = {**recipe.config, "file": str(files[0]), "custom_load": False}
    return _create(recipe.architecture, {**architecture.arguments, "config": config}, pretrained=True)


def _create(name: str, arguments: dict[str, Any], *, pretrained: bool = False) -> nn.Module:
    try:
        network: nn.Module = timm.create_model(
            name, pretrained=pretrained, pretrained_cfg=arguments["config"], **arguments["model_args"]
        )
    except ModelError:
        raise
    except Exception as error:
        # Whatever fails in there, it is the description or the weights that came from outside that made it fail.
        what = "load the weights of" if pretrained else "build"
        raise ModelError(f"timm could not {what} {name}: {in_short(error)}.") from error
    return network


def _check_channels(recipe: Recipe, weights: dict[str, Tensor], channels: int) -> None:
    """Refuse what timm would leave at random, with no more than a warning: a first convolution it cannot adapt."""
    first = recipe.config.get("first_conv") or ()
    for name in (first,) if isinstance(first, str) else first:
        weight = weights.get(f"{name}.weight")
        try:
            adapted = None if weight is None else adapt_input_conv(channels, weight, base_chans=own_channels(recipe))
        except (NotImplementedError, AssertionError, RuntimeError) as error:
            raise ModelError(f"{recipe.id} cannot be given {channels} channels: {error}.") from error
        del adapted


def split(network: Any, *, model: str) -> tuple[nn.Module, SourceHead | None]:
    """Take the classifier off a network of timm, in place: its body, and the head where that is linear.

    Raises `ModelError` for a network that cannot be used without its classifier.
    """
    if not hasattr(network, "reset_classifier") or not hasattr(network, "get_classifier"):
        raise ModelError(f"{model} has no classifier to take off, so no pooled features.")
    classifier = network.get_classifier()
    before = {id(parameter): parameter for parameter in network.parameters()}
    network.reset_classifier(0)
    after = {id(parameter) for parameter in network.parameters()}
    if not after <= before.keys():
        raise ModelError(f"{model} loses weights of its body with its classifier.")
    gone = before.keys() - after
    # More than a linear layer gone means a head of several parts, whose logits are no function of pooled features.
    alone = isinstance(classifier, nn.Module) and gone == {id(parameter) for parameter in classifier.parameters()}
    return network, SourceHead.of(classifier) if alone else None


@contextmanager
def _on_meta() -> Iterator[None]:
    with torch.device("meta"), torch.no_grad(), bounded():
        yield


def measure(architecture: Architecture, *, model: str) -> Measures:
    """Width and number of weights of the body, from a network that is laid out but never filled."""
    return _measure(architecture.model_dump_json(), model)


@lru_cache(maxsize=256)
def _measure(architecture: str, model: str) -> Measures:
    described = Architecture.model_validate_json(architecture)
    channels, height, width = _input_size(described)
    with _on_meta():
        body, _ = split(create(described), model=model)
        try:
            pooled = body.eval()(torch.empty(2, channels, height, width))
        except Exception as error:
            raise ModelError(f"{model} cannot be run at {height} x {width}: {in_short(error)}.") from error
    if not isinstance(pooled, Tensor) or pooled.ndim != 2:
        raise ModelError(f"{model} gives no pooled features.", hint="Does its description turn pooling off?")
    return Measures(pooled.shape[1], sum(parameter.numel() for parameter in body.parameters()))


def _input_size(architecture: Architecture) -> tuple[int, int, int]:
    channels, height, width = architecture.arguments["config"].get("input_size", (3, 224, 224))
    return architecture.arguments["model_args"].get("in_chans") or channels, height, width
