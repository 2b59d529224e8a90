"""A network of Keras on torch: its layers compute, and a module of torch holds what they have learnt.

Keras' own variables would do as parameters, but its running means are parameters of torch, too, which a gradient could
move. So each layer has a module here with its weights as parameters and its statistics as buffers, and Keras is handed
them for every pass (`keras.StatelessScope`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from headstart.core.card import Architecture, ModelCard
from headstart.models.backbone import Features
from headstart.models.keras.graph import blocks, leaves
from headstart.models.keras.library import library
from headstart.models.keras.maps import KerasMaps, maps_in
from headstart.models.networks.headless import HeadlessBackbone
from headstart.models.networks.source_head import SourceHead

RUNNING = {"moving_mean": "running_mean", "moving_variance": "running_var"}
# Variables without a name of their own get one with a number that depends on what else the process has made.
_COUNTED = re.compile(r"^variable(_\d+)?$")
SCALE = {"gamma": "weight", "beta": "bias"}


class KerasLayer(nn.Module):
    """The weights and statistics of a layer."""

    def take(self, variable: Any, name: str) -> None:
        """Hold a variable under a name: as a parameter where it is trained, else as a buffer."""
        value = variable.value.detach()
        if variable.trainable:
            self.register_parameter(name, nn.Parameter(value))
        else:
            self.register_buffer(name, value)


class KerasLayerNorm(KerasLayer):
    """Those of a layer that normalises without statistics."""


class KerasDropout(KerasLayer):
    """A layer that is random in training; `drop_prob` is the share that it drops."""

    def __init__(self, drop_prob: float) -> None:
        super().__init__()
        self.drop_prob = drop_prob


class KerasBatchNorm(_BatchNorm):
    """Those of a batch normalisation, under torch's names; its momentum is by torch's convention, 1 - Keras' own."""

    def __init__(self, layer: Any) -> None:
        super().__init__(1, eps=layer.epsilon, momentum=1 - layer.momentum, affine=False, track_running_stats=True)
        self.running_mean = self.running_var = None

    def take(self, variable: Any, name: str) -> None:
        """Hold a variable of the layer."""
        if name in RUNNING:
            self.register_buffer(RUNNING[name], variable.value.detach())
        else:
            self.register_parameter(SCALE[name], nn.Parameter(variable.value.detach()))

    def _check_input_dim(self, input: Tensor) -> None:
        raise TypeError(f"Keras computes; this only holds what it computes with, and takes no {tuple(input.shape)}")


class _Entry(NamedTuple):
    """A variable of Keras, and the module and name under which its value is."""

    variable: Any
    module: str
    name: str


class Graph:
    """The layers of Keras, which copies of a network share: they hold nothing that differs between them."""

    def __init__(self, body: Any) -> None:
        self.body = body
        self.entries: list[_Entry] = []
        self.seeds: list[Any] = []
        self.norms: dict[str, Any] = {}
        self.order: list[tuple[str, str]] = []

    def __deepcopy__(self, memo: dict[int, Any]) -> Graph:
        return self

    @property
    def channels_first(self) -> bool:
        """Whether pictures go in as (N, C, H, W)."""
        shape = self.body.inputs[0].shape
        return shape[-1] not in (1, 3, 4) and shape[1] in (1, 3, 4)

    @cached_property
    def maps(self) -> KerasMaps | None:
        """Where its feature maps are, looked for when they are first wanted."""
        return maps_in(self.body, channels_first=self.channels_first)

    def modules(self) -> nn.ModuleDict:
        """A module for each layer that has weights or is random; what Keras knows of it is remembered here."""
        found = nn.ModuleDict()
        seen: set[int] = set()
        for place, layer in enumerate(leaves(self.body)):
            kind = type(layer).__name__
            variables = [variable for variable in layer.variables if id(variable) not in seen]
            seen.update(id(variable) for variable in variables)
            self.seeds += [variable for variable in variables if is_seed(variable)]
            held = [variable for variable in variables if not is_seed(variable)]
            if not held and "Drop" not in kind:
                continue
            key = f"{place}_{kind}"
            found[key] = module = _module_for(layer)
            if isinstance(module, KerasBatchNorm):
                self.norms[key] = layer
            self.order.append((key, layer.name))
            for number, variable in enumerate(held):
                used = {entry.name for entry in self.entries if entry.module == key}
                name = _COUNTED.sub("variable", variable.name).replace(".", "_").replace("/", "_")
                name = name if name not in used else f"{name}_{number}"
                module.take(variable, name)
                own = {**RUNNING, **SCALE}.get(name, name) if key in self.norms else name
                self.entries.append(_Entry(variable, key, own))
        return found


def is_seed(variable: Any) -> bool:
    """Whether a variable is the state of a random number generator."""
    return not variable.trainable and not str(variable.dtype).startswith(("float", "bfloat"))


def _module_for(layer: Any) -> KerasLayer | KerasBatchNorm:
    kind = type(layer).__name__
    if kind == "BatchNormalization":
        return KerasBatchNorm(layer)
    if kind.endswith("Normalization") and kind != "Normalization":
        return KerasLayerNorm()
    if "Drop" in kind:
        return KerasDropout(float(getattr(layer, "rate", 0.0) or 0.0))
    return KerasLayer()


class KerasBackbone(HeadlessBackbone):
    """A graph of Keras layers up to the pooled features, which is trained, frozen and saved as any module of torch."""

    def __init__(
        self, body: Any, *, card: ModelCard, architecture: Architecture, width: int, head: SourceHead | None = None
    ) -> None:
        graph = Graph(body)
        self.body: nn.ModuleDict
        super().__init__(graph.modules(), card=card, architecture=architecture, width=width, head=head)
        self.graph = graph
        self.reversed = bool(architecture.arguments.get("reversed"))

    @property
    def map_channels(self) -> tuple[int, ...]:
        """Of each resolution those of the last map that is handed on."""
        return () if self.graph.maps is None else tuple(place.channels for place in self.graph.maps.places)

    @property
    def map_strides(self) -> tuple[int, ...]:
        """The pixels between two cells of each."""
        return () if self.graph.maps is None else tuple(place.stride for place in self.graph.maps.places)

    def forward(self, inputs: Tensor) -> Features:
        """Pooled features of (N, C, H, W) inputs; maps are averaged over their positions."""
        (made,) = self._computed(self.graph.body, inputs)
        return Features(pooled=made.mean((2, 3)) if made.ndim == 4 else made)

    def forward_maps(self, inputs: Tensor) -> Features:
        """Up to four maps: of each resolution the last that is handed on."""
        found = self.graph.maps
        if found is None:
            return super().forward_maps(inputs)
        return Features(maps=self._computed(found.body, inputs))

    def _computed(self, body: Any, inputs: Tensor) -> tuple[Tensor, ...]:
        """What a graph on these layers makes of (N, C, H, W) inputs; of maps (N, C, H, W), too."""
        keras = library()
        values = [(entry, getattr(self.body[entry.module], entry.name)) for entry in self.graph.entries]
        mapping = [(entry.variable, value) for entry, value in values]
        if self.training:
            for key, layer in self.graph.norms.items():
                # Not the property, which would also forbid the gradient of its scale and shift.
                layer._trainable = self.body[key].training
            mapping += [(seed, _random_like(seed, inputs.device)) for seed in self.graph.seeds]
        pictures = inputs.flip(1) if self.reversed else inputs
        first = self.graph.channels_first
        pictures = pictures if first else pictures.permute(0, 2, 3, 1)
        with keras.device(str(inputs.device)), keras.StatelessScope(state_mapping=mapping) as scope:
            made = body.call(pictures, training=self.training)
        if self.training:
            self._keep_statistics(scope, values)
        all_made = made if isinstance(made, list | tuple) else (made,)
        return tuple(each if first or each.ndim != 4 else each.permute(0, 3, 1, 2) for each in all_made)

    def _keep_statistics(self, scope: Any, values: list[tuple[_Entry, Tensor]]) -> None:
        """Take over what Keras has made of running means and the like."""
        with torch.no_grad():
            for entry, value in values:
                if not isinstance(value, nn.Parameter):
                    value.copy_(scope.get_current_value(entry.variable))

    def layer_groups(self) -> Sequence[tuple[str, ...]]:
        """The blocks of the network from its input to its output, as the names of its layers tell them."""
        order = [(key, name) for key, name in self.graph.order if any(True for _ in self.body[key].parameters())]
        norms = [isinstance(self.body[key], KerasBatchNorm | KerasLayerNorm) for key, _ in order]
        numbers = blocks([(name, norm) for (_, name), norm in zip(order, norms, strict=True)])
        groups: dict[int, list[str]] = {}
        for (key, _), number in zip(order, numbers, strict=True):
            groups.setdefault(number, []).extend(
                f"body.{key}.{name}" for name, _ in self.body[key].named_parameters(recurse=False)
            )
        return [tuple(names) for names in groups.values()]


def _random_like(seed: Any, device: torch.device) -> Tensor:
    """A state for a random number generator of Keras, out of torch's random numbers."""
    return torch.randint(2**31, tuple(seed.shape)).to(device)


def head_of(classifier: Any) -> SourceHead | None:
    """The linear map that a layer of Keras computes."""
    if classifier is None:
        return None
    kernel = classifier.kernel.value.detach()
    bias = classifier.bias.value.detach().clone() if classifier.use_bias else None
    return SourceHead(kernel.reshape(-1, kernel.shape[-1]).T.contiguous().clone(), bias)
