"""The head that a pretrained detector came with: what it says, what that costs, and where things are.

A detector of a library is a backbone with maps, as any other, and beside it such a head, of which only what names the
classes starts fresh. The head knows the library's own loss and its own way from what it says to boxes, and no task.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from headstart.core.errors import ModelError
from headstart.models.backbone import Features


class Objects(Protocol):
    """What is to be found in one training picture, in pixels of the input."""

    @property
    def xyxy(self) -> Tensor:
        """Left, top, right and bottom edges, float32 (M, 4)."""
        ...

    @property
    def labels(self) -> Tensor:
        """Classes, int64 (M,)."""
        ...

    @property
    def ignored(self) -> Tensor:
        """Those that are neither learnt nor counted, bool (M,)."""
        ...


class Found(NamedTuple):
    """What is found in one picture: boxes (M, 4) in pixels of the input, int64 labels (M,), scores (M,) of 0 to 1."""

    boxes: Tensor
    labels: Tensor
    scores: Tensor


_MADE_UP = ((0.1, 0.1, 0.4, 0.5), (0.3, 0.4, 0.9, 0.9))


class DetectorOutputs(NamedTuple):
    """What a detector's own head made of a batch, and the head, which knows what it means.

    `values` has the `size` of the input, height and width, and the `count` of its pictures; all else is the head's.
    """

    head: DetectorHead
    values: dict[str, Any]

    def loss(self, pictures: Sequence[Objects]) -> Tensor:
        """The library's own loss of the batch; what is ignored is no object to it."""
        wanted = [_clear(picture) for picture in pictures]
        return self.head.loss(self.values, [boxes for boxes, _ in wanted], [labels for _, labels in wanted])

    def trial_loss(self) -> Tensor:
        """The loss that two objects in each picture would have: to try out a step with."""
        high, wide = self.values["size"]
        like = next(value for value in tree_leaves(self.values) if isinstance(value, Tensor))
        boxes = like.new_tensor(_MADE_UP, dtype=torch.float32) * like.new_tensor([wide, high, wide, high])
        labels = torch.zeros(len(boxes), dtype=torch.int64, device=like.device)
        count = self.values["count"]
        return self.head.loss(self.values, [boxes] * count, [labels] * count)

    def found(self) -> list[Found]:
        """What is found in each picture of the batch."""
        return self.head.found(self.values)


class DetectorHead(nn.Module, ABC):
    """Takes feature maps. Its state dict is what is saved of it."""

    needs = "maps"
    repeats = False
    """Whether several boxes may be of one object, so that what overlaps has to be told apart."""
    whole_batches = True
    """That the loss is a mean over boxes or places, so that those of parts of a batch do not add up to it."""

    @abstractmethod
    def forward(self, features: Features) -> DetectorOutputs:
        """What the head says of (N, C, H, W) maps."""
        ...

    @abstractmethod
    def loss(self, values: Mapping[str, Any], boxes: Sequence[Tensor], labels: Sequence[Tensor]) -> Tensor:
        """The sum of the library's losses, for the boxes (M, 4) and labels (M,) of each picture."""
        ...

    @abstractmethod
    def found(self, values: Mapping[str, Any]) -> list[Found]:
        """What the library makes of what the head says, for each picture."""
        ...

    @abstractmethod
    def names_classes(self, name: str) -> bool:
        """Whether a weight of this name in the state dict belongs to what names the classes."""
        ...

    def class_free(self) -> dict[str, Tensor]:
        """A copy of the weights that do not depend on the classes."""
        return {
            name: value.detach().clone() for name, value in self.state_dict().items() if not self.names_classes(name)
        }

    def take(self, weights: Mapping[str, Tensor]) -> None:
        """Take over weights as `class_free` gives them. Raises `ModelError` where they do not fit."""
        own = self.state_dict()
        expected = {name for name in own if not self.names_classes(name)}
        wrong = [name for name in expected if name not in weights or weights[name].shape != own[name].shape]
        if wrong:
            raise ModelError(f"The weights are not those of this detector's head: {', '.join(sorted(wrong)[:5])}.")
        self.load_state_dict({name: weights[name] for name in expected}, strict=False)


def blank(shape: Sequence[int], like: Tensor) -> Tensor:
    """Zeros of a shape that take no memory, float32: for what asks for a tensor only to read its shape."""
    return torch.zeros((), device=like.device).expand(*shape)


def _clear(picture: Objects) -> tuple[Tensor, Tensor]:
    """Boxes and labels of what is to be learnt; a box without area has no place in a library's loss."""
    kept = ~picture.ignored & (picture.xyxy[:, 2:] > picture.xyxy[:, :2]).all(1)
    return picture.xyxy[kept], picture.labels[kept]
