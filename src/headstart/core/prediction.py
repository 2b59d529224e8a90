"""What a model says about one input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Finding = Mapping[str, str | int | float]
"""One entity, box or class of pixels: what is told of it, by name, in the order of `FINDINGS`."""

FINDINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "token-classification": ("entities", ("entity_group", "score", "word", "start", "end")),
    "object-detection": ("detections", ("label", "score", "left", "top", "right", "bottom")),
    "semantic-segmentation": ("classes", ("label", "pixels", "share")),
}
"""By the name of the task: what the findings are called, and what is told of each."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer for one item, named as the user knows it.

    With one label an item, `label` is the answer and `probability` its probability; an empty label says that none was
    probable enough. With several, `labels` holds those that reached their thresholds, in the order of the model's
    labels, and `label` and `probability` are empty. `top` lists the most probable labels, best first. `problem` says
    why an input could not be read; it then has no answer. Where answers are more than labels, `findings` lists
    entities, boxes or the classes of pixels, and `mask` (H, W) is the class of each pixel, in the original's size.
    """

    item: str
    label: str = ""
    probability: float | None = None
    labels: tuple[tuple[str, float], ...] = ()
    top: tuple[tuple[str, float], ...] = ()
    problem: str = ""
    findings: tuple[Finding, ...] = ()
    mask: npt.NDArray[np.int16] | None = None
