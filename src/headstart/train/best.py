"""The weights of the best epoch so far."""

from __future__ import annotations

from torch import Tensor, nn

from headstart.train.checkpoint import State


class BestWeights:
    """Keeps a copy of the weights with the highest score, and the epoch (from 1) that they come from."""

    def __init__(self) -> None:
        self.score = 0.0
        self.epoch = 0
        self.weights: dict[str, Tensor] = {}

    def __bool__(self) -> bool:
        return self.epoch > 0

    def offer(self, model: nn.Module, *, score: float, epoch: int) -> None:
        """Keep the model's weights where their score is higher than all before."""
        if not self or score > self.score:
            self.weights = {name: value.detach().clone() for name, value in model.state_dict().items()}
            self.score, self.epoch = score, epoch

    def state(self) -> State:
        """The weights, their score and their epoch."""
        return State({"score": self.score, "epoch": self.epoch}, self.weights)

    def restore(self, state: State) -> None:
        """Take over what was kept."""
        self.score, self.epoch = float(state.values["score"]), int(state.values["epoch"])
        self.weights = dict(state.tensors)
