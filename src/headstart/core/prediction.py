"""What a model says about one input."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer for one item, named as the user knows it.

    With one label an item, `label` is the answer and `probability` its probability; an empty label says that none was
    probable enough. With several, `labels` holds those that reached their thresholds, in the order of the model's
    labels, and `label` and `probability` are empty. `top` lists the most probable labels, best first. `problem` says
    why an input could not be read; it then has no answer.
    """

    item: str
    label: str = ""
    probability: float | None = None
    labels: tuple[tuple[str, float], ...] = ()
    top: tuple[tuple[str, float], ...] = ()
    problem: str = ""
