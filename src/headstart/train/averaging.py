"""An exponential moving average of the weights and of the batch-norm statistics."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from headstart.train.checkpoint import State


class AverageWeights:
    """Follows a model: `average = decay * average + (1 - decay) * weights` after each step.

    The decay starts lower, (1 + steps) / (10 + steps), so that the random initialisation is soon forgotten.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.steps = 0
        self.average = {name: value.detach().clone() for name, value in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Move the average towards the model's present weights; whole numbers (counters) are copied."""
        self.steps += 1
        weight = 1 - min(self.decay, (1 + self.steps) / (10 + self.steps))
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                self.average[name].lerp_(value, weight)
            else:
                self.average[name].copy_(value)

    def swap(self, model: nn.Module) -> None:
        """Exchange the model's weights and the average; a second call undoes it."""
        present: dict[str, Tensor] = {name: value.detach().clone() for name, value in model.state_dict().items()}
        model.load_state_dict(self.average)
        self.average = present

    def state(self) -> State:
        """The average and how many steps it has followed."""
        return State({"steps": self.steps}, self.average)

    def restore(self, state: State) -> None:
        """Follow the model from there on."""
        self.steps = int(state.values["steps"])
        for name, value in self.average.items():
            value.copy_(state.tensors[name])
