"""What the probe of the pretrained network reaches on validation data: no trained model that is kept is worse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import Tensor

from headstart import prediction
from headstart.artefact import TrainedModel
from headstart.core.dataset import Dataset
from headstart.core.run_record import ModelRecord
from headstart.core.strategy import STRUCTURED_METRICS, Goal, Plan
from headstart.methods import METHODS
from headstart.metrics.goal import score
from headstart.tasks.task import Model


@dataclass(frozen=True)
class Floor:
    """The probe's head, what it says of the validation items (N, C), and its score on them."""

    head: Mapping[str, Tensor]
    probabilities: npt.NDArray[np.float32]
    score: float

    @property
    def parameters(self) -> int:
        """The numbers that were learnt: those of the head."""
        return sum(value.numel() for value in self.head.values())

    def note(self, goal: Goal, *, reached: float) -> str:
        """Why the probe is what is kept."""
        metric = goal.metric.replace("_", " ")
        return (
            f"The linear probe of the pretrained network is kept: its validation {metric} is {self.score:.4f}, that of"
            f" the training {reached:.4f}."
        )


def on_features(plan: Plan) -> bool:
    """Whether the arm can be trained on cached features: nothing below the head moves and no picture changes."""
    if plan.task in STRUCTURED_METRICS:
        return False
    body = [rule for rule in plan.strategy.rules if not rule.pattern.startswith("head.")]
    changed = plan.strategy.augmentation != "none" or plan.strategy.mixup > 0
    return not changed and plan.strategy.adapter is None and all(rule.learning_rate is None for rule in body)


def trains_pretrained_body(plan: Plan) -> bool:
    """Whether weights below the head that have learnt something before move, and validation items are left to look at.

    With `pretrained` False such a method works on fresh weights in their place, and in no other way: as a control. What
    learns by a contrast learns from all known items, and leaves none to be compared with the probe on.
    """
    if plan.strategy.contrast is not None:
        return False
    body = [rule for rule in plan.strategy.rules if not rule.pattern.startswith("head.")]
    moves = plan.strategy.adapter is not None or any(rule.learning_rate is not None for rule in body)
    return METHODS[plan.strategy.method].pretrained and moves


def floor_of(
    model: Model, validation: Dataset, *, head: Mapping[str, Tensor], record: ModelRecord, goal: Goal, device: str
) -> Floor:
    """What a model whose body is still the pretrained one says with this head; its own head is left as it is."""
    own = {name: value.clone() for name, value in model.head.state_dict().items()}
    model.head.load_state_dict(head)
    probabilities = prediction.probabilities(TrainedModel.of(record, model.eval()), validation, device=device)
    model.head.load_state_dict(own)
    return Floor(head, probabilities, score(goal, probabilities, validation.targets))
