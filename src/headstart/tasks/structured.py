"""What a task adds to a backbone where its targets are more than labels: boxes, the class of each pixel, entities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from headstart.core.evaluation import Evaluation
from headstart.core.prediction import Prediction
from headstart.core.rows import Rows
from headstart.models.backbone import Backbone, Features


class StructuredTask(Protocol):
    """One task: one file in `tasks/`.

    An answer is whatever the task makes of one item; only the task looks into it. `item_metric` is what the mean of
    `item_scores` is called. How its inputs are made is a line in `PREPARATIONS` (`features/preparation.py`), how its
    training batches are one in `FEEDS` (`train/feeds.py`), its rates and epochs one in `SUITED` (`methods/suited.py`),
    all by its name.
    """

    name: str
    item_metric: str
    needs: Literal["pooled", "maps", "tokens"]

    def head(self, backbone: Backbone, labels: int) -> nn.Module:
        """A freshly initialised head, whose attribute `needs` is the task's.

        Raises `ModelError` for a backbone without such features. Its normalisation layers are no batch norms: those are
        kept still where a pretrained body is.
        """
        ...

    def loss(
        self, outputs: Any, targets: Any, *, class_weights: Tensor | None = None, label_smoothing: float = 0.0
    ) -> Tensor:
        """The mean loss over the items of a batch, from what the head made of them and what the feed gave along."""
        ...

    def decode(self, outputs: Any, items: Sequence[Any]) -> list[Any]:
        """An answer for each of the items as the preparation made them ready, in their own terms (original pixels)."""
        ...

    def score(self, answers: Sequence[Any], targets: npt.NDArray[Any], *, labels: int, metric: str) -> float:
        """One of the task's metrics, of which more is better: what choices are made by."""
        ...

    def measure(
        self, answers: Sequence[Any], targets: npt.NDArray[Any], *, labels: Sequence[str], part: str
    ) -> Evaluation:
        """All numbers, with intervals and tables."""
        ...

    def prediction(
        self, name: str, answer: Any, raw: Any, *, labels: Sequence[str], threshold: float | None
    ) -> Prediction:
        """The answer for one item as people see it; `raw` is the item as it is stored.

        What is less probable than `threshold`, if given, is left out. Raises `OptionError` where that means nothing.
        """
        ...

    def item_scores(self, answers: Sequence[Any], targets: npt.NDArray[Any], *, labels: int) -> npt.NDArray[np.float64]:
        """One number of 0..1 an item, (N,), whose mean arms of a comparison are held against each other by.

        An item in which nothing is to be found, and nothing was, scores 1.
        """
        ...

    def probe(self, features: Features, items: Sequence[Any], targets: npt.NDArray[Any], *, labels: int) -> Rows:
        """Rows for scores, a word, a box or a sampled pixel each: about 30 an item at most, classes in proportion.

        `items` were made ready by the preparation; `Rows.groups` says which of them a row is from. Which rows there
        are follows from the targets alone, so that they are the same ones for every network.
        """
        ...
