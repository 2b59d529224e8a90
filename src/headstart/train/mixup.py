"""Mixup: pictures of a batch are blended in pairs, and so are their losses (Zhang et al. 2018)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from headstart.train.feed import Batch

STREAM = 0x6D6978
"""Tells these random numbers from those of the augmentation, which have the same seed."""


@dataclass(frozen=True)
class Mixed:
    """Inputs that are `share` of one picture and the rest of another, with the targets of both."""

    inputs: Tensor
    targets: Tensor
    others: Tensor
    share: float

    def loss(self, loss: Callable[[Tensor], Tensor]) -> Tensor:
        """The loss for both targets, in the shares of their pictures."""
        return self.share * loss(self.targets) + (1 - self.share) * loss(self.others)


def mix(batches: Sequence[Batch], *, alpha: float, seed: int, step: int) -> Sequence[Batch | Mixed]:
    """Blend the items of one step, whose parts are `batches`, with one share drawn from Beta(alpha, alpha).

    With an alpha of 0 they stay as they are. Partners are drawn from all parts, so that memory, which decides how many
    parts there are, does not change them. All that is random follows from the seed and the step (from 0).
    """
    if not alpha:
        return batches
    generator = np.random.Generator(np.random.SFC64(np.random.SeedSequence((seed, step, STREAM))))
    share = float(generator.beta(alpha, alpha))
    inputs = torch.cat([_pictures(batch) for batch in batches])
    targets = torch.cat([batch.targets for batch in batches])
    order = torch.from_numpy(generator.permutation(len(targets))).to(targets.device)
    blended, others = share * inputs + (1 - share) * inputs[order], targets[order]
    mixed, start = [], 0
    for batch in batches:
        part = slice(start, start + len(batch.targets))
        mixed.append(Mixed(blended[part], batch.targets, others[part], share))
        start = part.stop
    return mixed


def _pictures(batch: Batch) -> Tensor:
    if not isinstance(batch.inputs, Tensor):
        raise ValueError("mixup blends pictures; these are features out of the cache")
    return batch.inputs
