"""How large the inputs of a detector are: as large as its smaller boxes ask for, in the shape of the pictures."""

from __future__ import annotations

import numpy as np

from headstart.core.card import InputFacts, ModelInput
from headstart.core.dataset import Dataset, Part
from headstart.core.options import FitOptions
from headstart.core.strategy import Reason

SMALL_BOX = 20
"""Pixels that the side of a small box should have in the input: two and a half cells of the finest level."""
SMALL_SHARE = 0.25
"""Which boxes of a class are the small ones: this share of them is smaller."""
LEAST, MOST, LARGEST_SCALE = 128, 640, 2.0
MULTIPLE = 32


def box_input(dataset: Dataset, facts: ModelInput, options: FitOptions, reasons: list[Reason]) -> ModelInput:
    """The facts with the input's size; `--image-size` is its longer side."""
    if not isinstance(facts, InputFacts) or facts.fixed_size:
        return facts
    training = dataset.part(Part.TRAIN)
    sizes = np.array([boxes.size for boxes in training.targets if all(boxes.size)], np.float64).reshape(-1, 2)
    width, height = np.median(sizes, axis=0) if len(sizes) else (1.0, 1.0)
    longest = max(width, height)
    side = float(options.image_size or 0)
    if not side:
        label, small = _small_side(training)
        side = float(np.clip(longest * min(SMALL_BOX / small, LARGEST_SCALE), LEAST, MOST))
        why = f"a quarter of '{label}' have sides below {small:.0f} pixels, in pictures of {width:.0f} x {height:.0f}"
        reasons.append(Reason(choice="image size", value=str(_rounded(side)), why=why))
    high, wide = _rounded(side * height / longest), _rounded(side * width / longest)
    scale = min(high / height, wide / width) if len(sizes) else None
    return facts.model_copy(update={"size": (high, wide), "scale": scale})


def _small_side(training: Dataset) -> tuple[str, float]:
    """The class of the smallest boxes, and how small they are."""
    found: dict[str, float] = {}
    for place, label in enumerate(training.labels):
        own = [boxes.xyxy[(boxes.labels == place) & ~boxes.ignored] for boxes in training.targets]
        xyxy = np.concatenate([*own, np.zeros((0, 4), np.float32)])
        if len(xyxy):
            sides = np.sqrt((xyxy[:, 2:] - xyxy[:, :2]).prod(axis=1))
            found[label] = max(float(np.quantile(sides, SMALL_SHARE)), 1.0)
    smallest = min(found, key=found.__getitem__, default="")
    return smallest, found.get(smallest, float(SMALL_BOX))


def _rounded(side: float) -> int:
    return MULTIPLE * max(round(side / MULTIPLE), 1)
