"""The network, the optimiser and the random generators as parts of a checkpoint."""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from headstart.train.checkpoint import State


class ModelState:
    """All weights and buffers."""

    def __init__(self, model: nn.Module) -> None:
        self.model = model

    def state(self) -> State:
        """The weights by name."""
        return State(tensors=self.model.state_dict())

    def restore(self, state: State) -> None:
        """Copy them into the network, which keeps its memory layout."""
        self.model.load_state_dict(dict(state.tensors))


class OptimizerState:
    """What the optimiser keeps of each parameter (moments, counters), by the parameter's name."""

    def __init__(self, optimizer: Optimizer, model: nn.Module) -> None:
        self.optimizer = optimizer
        self.parameters = dict(model.named_parameters())

    def state(self) -> State:
        """Tensors as `moment/parameter`; plain numbers under the same names among the values."""
        kept = {
            f"{kind}/{name}": value
            for name, parameter in self.parameters.items()
            for kind, value in self.optimizer.state.get(parameter, {}).items()
        }
        return State(
            values={name: value for name, value in kept.items() if not isinstance(value, Tensor)},
            tensors={name: value for name, value in kept.items() if isinstance(value, Tensor)},
        )

    def restore(self, state: State) -> None:
        """Rebuild it; what has the shape of its parameter gets its device and memory layout, too."""
        self.optimizer.state.clear()
        for key, value in [*state.values.items(), *state.tensors.items()]:
            kind, _, name = key.partition("/")
            parameter = self.parameters[name]
            if isinstance(value, Tensor) and value.shape == parameter.shape and value.ndim:
                value = torch.empty_like(parameter, dtype=value.dtype, requires_grad=False).copy_(value)
            elif isinstance(value, Tensor) and self.optimizer.defaults.get("fused"):
                value = value.to(parameter.device)  # its counter of steps is read where the parameter is
            self.optimizer.state[parameter][kind] = value


class RandomState:
    """The random generators of torch that a training on this device draws from."""

    def __init__(self, device: str) -> None:
        self.device = device

    def state(self) -> State:
        """Their states as they are now."""
        found = {"cpu": torch.get_rng_state()}
        if self.device.startswith("cuda"):
            found["device"] = torch.cuda.get_rng_state(self.device)
        elif self.device.startswith("mps"):
            found["device"] = torch.mps.get_rng_state()
        return State(tensors=found)

    def restore(self, state: State) -> None:
        """Put them back."""
        torch.set_rng_state(state.tensors["cpu"])
        if self.device.startswith("cuda"):
            torch.cuda.set_rng_state(state.tensors["device"], self.device)
        elif self.device.startswith("mps"):
            torch.mps.set_rng_state(state.tensors["device"])


def shape_digest(model: nn.Module) -> str:
    """A short text that changes with the names, shapes and types of a network's weights and buffers."""
    lines = [f"{name} {tuple(value.shape)} {value.dtype}" for name, value in model.state_dict().items()]
    return hashlib.blake2b("\n".join(lines).encode(), digest_size=8).hexdigest()
