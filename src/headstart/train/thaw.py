"""Gradual unfreezing: layer groups join the training from the head downwards (Howard and Ruder 2018)."""

from __future__ import annotations

from collections.abc import Collection
from math import ceil

from headstart.core.strategy import Strategy
from headstart.tasks.task import Model
from headstart.train.groups import set_modes
from headstart.train.layers import groups_from_head


class Thaw:
    """Which layer groups are still closed: the head trains alone at first, the last group joins when `thaw` is over.

    What is closed gets no gradient, so that nothing is computed below the lowest open group, and is in evaluation
    mode, so that its statistics stay bit-identical. The state follows from the number of the step alone.
    """

    def __init__(self, model: Model, strategy: Strategy, *, total: int) -> None:
        """To be made after `requires_grad` says what is trained at all; without a share, nothing is ever closed."""
        self.model, self.strategy = model, strategy
        parameters = dict(model.named_parameters())
        found = groups_from_head(model) if strategy.thaw else []
        groups = [[name for name in names if parameters[name].requires_grad] for names in found]
        self.groups = [names for names in groups if names]
        number = len(self.groups)
        self.opening = [ceil(strategy.thaw * total * place / number) for place in range(1, number + 1)]
        self.open = number

    def begin_epoch(self, step: int) -> None:
        """Set the modes for an epoch whose first step (from 0) this is."""
        self._set(self._open_at(step))

    def begin_step(self, step: int) -> None:
        """Open what joins at this step (from 0)."""
        if self._open_at(step) != self.open:
            self._set(self._open_at(step))

    def _open_at(self, step: int) -> int:
        return sum(step >= first for first in self.opening)

    def _set(self, number: int) -> None:
        self.open = number
        parameters = dict(self.model.named_parameters())
        for place, names in enumerate(self.groups):
            for name in names:
                parameters[name].requires_grad_(place < number)
        closed = {name for names in self.groups[number:] for name in names}
        set_modes(self.model, self.strategy, closed=closed | _buffers_of(self.model, closed))


def _buffers_of(model: Model, closed: Collection[str]) -> set[str]:
    """The buffers whose own module, or the nearest one around it that has parameters, has only closed ones."""
    parameters = [name for name, _ in model.named_parameters()]
    found = set()
    for name, _ in model.named_buffers():
        prefix = name
        beside: list[str] = []
        while not beside and prefix:
            prefix = prefix.rpartition(".")[0]
            beside = [other for other in parameters if other.startswith(f"{prefix}." if prefix else "")]
        if beside and all(other in closed for other in beside):
            found.add(name)
    return found
