"""The recipe of a pretraining: everything is trained from a fresh initialisation, pictures growing."""

from __future__ import annotations

from headstart.core.pretraining import PretrainOptions
from headstart.core.strategy import Rule, Strategy

CLIPPED = 1.0
"""Transformers that start from nothing take a wrong turn where single gradients are let through."""
GROWING = 0.75
"""The share of the epochs over which pictures grow."""
STEP = 8
"""Sizes are multiples of this, so that few of them occur and feature maps halve evenly."""


def pretraining_strategy(options: PretrainOptions) -> Strategy:
    """How the weights move: one rate for all of them, rising and then falling along a cosine; options are settled."""
    if options.optimizer is None or options.weight_decay is None or options.label_smoothing is None:
        raise ValueError("the options have to be settled")
    return Strategy(
        method="pretrain",
        rules=(Rule(pattern="*", learning_rate=options.learning_rate),),
        optimizer=options.optimizer,
        nesterov=True,
        weight_decay=options.weight_decay,
        epochs=options.epochs,
        batch_size=options.batch_size,
        schedule="cosine",
        warm_up=options.warm_up,
        label_smoothing=options.label_smoothing,
        augmentation=options.augmentation,
        normalisation="trained",
        average_decay=options.average_decay,
        clip_norm=CLIPPED if options.objective == "masked-language-model" else None,
    )


def picture_sizes(options: PretrainOptions) -> tuple[int, ...]:
    """The side in pixels of each epoch; empty where it does not change."""
    start, full = options.start_size, options.image_size
    if start is None or start >= full:
        return ()
    grown = [min(epoch / (GROWING * options.epochs), 1.0) for epoch in range(options.epochs)]
    sizes = [STEP * round((start + (full - start) * share) / STEP) if share < 1 else full for share in grown]
    return tuple(min(max(size, STEP), full) for size in sizes)
