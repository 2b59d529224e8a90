"""Whether the features of a frozen network survive bfloat16."""

from __future__ import annotations

import torch

from headstart.core.card import InputFacts
from headstart.core.runtime import Precision, resolve_precision
from headstart.core.strategy import Plan
from headstart.features.fast import plain_forward
from headstart.models.backbone import Backbone

MOST_ROUNDING = 0.02
"""Of the length of the features. On noise, MobileNets move by 0.025 to 0.06 (enlarged photos by 0.04 to 0.22), since
each of their depthwise filters rests on nine rounded weights; SqueezeNet, and ResNet-50, ConvNeXt, ViT and EfficientNet
with fresh weights, by 0.003 to 0.014. What it costs a probe: `python -m benchmarks.feature_rounding`."""
PICTURES = 2


def precision_for(backbone: Backbone, plan: Plan, *, frozen: bool, device: str) -> Precision:
    """The precision that a network of a plan computes in: for `auto`, bfloat16 where the hardware has it.

    Not so for a network that is `frozen` and whose features bfloat16 would move: one that is trained adapts to its
    rounded weights, and that one does not. To find out, two pictures of noise are computed in both.
    """
    precision = resolve_precision(plan.precision, device)
    asked = plan.precision != "auto" or precision == "float32"
    if asked or not frozen or not isinstance(plan.input, InputFacts):
        return precision
    return precision if rounding(backbone, facts=plan.input, device=device) <= MOST_ROUNDING else "float32"


def rounding(backbone: Backbone, *, facts: InputFacts, device: str) -> float:
    """How far bfloat16 moves the features of two pictures of noise, relative to their length."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(PICTURES, facts.channels, *facts.size, generator=generator).to(device)
    exact, rounded = (
        plain_forward(backbone, device=device, precision=precision)(noise) for precision in ("float32", "bfloat16")
    )
    moved = float((rounded - exact).norm() / exact.norm().clamp_min(1e-30))
    return moved if moved == moved else float("inf")
