"""L2-SP: the body is pulled to where it started instead of to zero (Li, Grandvalet and Davoine 2018)."""

from __future__ import annotations

import torch

from headstart.tasks.task import Model
from headstart.train.layers import BODY


class Anchor:
    """Remembers the weights of the body that are to be trained, and adds the gradient of the penalty to theirs.

    The penalty is `weight / 2` times the sum of squared distances; it is not part of the loss that is reported.
    """

    def __init__(self, model: Model, weight: float) -> None:
        self.weight = weight
        trained = [
            parameter
            for name, parameter in model.named_parameters()
            if parameter.requires_grad and name.startswith(BODY)
        ]
        self.start = [(parameter, parameter.detach().clone()) for parameter in trained]

    @torch.no_grad()
    def pull(self) -> None:
        """Add the gradient of the penalty; what has no gradient yet is not trained yet, and still at its start."""
        for parameter, start in self.start:
            if parameter.grad is not None:
                parameter.grad.add_(parameter - start, alpha=self.weight)
