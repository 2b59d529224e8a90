"""A plan's network with a fresh head for its task."""

from __future__ import annotations

import torch

from headstart import models
from headstart.core.strategy import Plan
from headstart.tasks.structured import StructuredTask
from headstart.tasks.task import Model, Task


def build(plan: Plan, task: Task | StructuredTask, labels: int) -> Model:
    """The network as the plan starts from it, and a head of so many labels that only the plan's seed decides."""
    with torch.random.fork_rng([]):
        torch.manual_seed(plan.seed)
        backbone = models.load(plan.model, pretrained=plan.pretrained, channels=plan.input.channels)
        torch.manual_seed(plan.seed)  # the head does not depend on how much randomness the backbone took
        return Model(backbone, task.head(backbone, labels))
