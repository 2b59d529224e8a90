"""The classifier that a pretrained network came with, kept beside the backbone and not inside it.

It is no part of what is trained or saved: as a submodule its weights would be counted, decayed and stored.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class SourceHead:
    """The linear map from pooled features (N, D) to the logits (N, Z) of the source task."""

    weight: Tensor
    bias: Tensor | None

    @classmethod
    def of(cls, classifier: object) -> SourceHead | None:
        """The head that a linear layer or a 1 x 1 convolution stands for; None for anything that does more."""
        if not isinstance(classifier, nn.Linear | nn.Conv2d):
            return None
        if isinstance(classifier, nn.Conv2d) and (classifier.kernel_size != (1, 1) or classifier.groups != 1):
            return None
        weight, bias = classifier.weight, classifier.bias
        return cls(weight.detach().flatten(1).clone(), None if bias is None else bias.detach().clone())

    def __call__(self, pooled: Tensor) -> Tensor:
        """(N, Z) float32 logits, on the device of the features."""
        device = pooled.device
        bias = None if self.bias is None else self.bias.to(device)
        return functional.linear(pooled.float(), self.weight.to(device), bias)
