"""Training batches of whole pictures with their boxes, pictures of rare classes more often."""

from __future__ import annotations

import numpy as np
import torch

from headstart.core.card import InputFacts, ModelInput
from headstart.core.dataset import Dataset
from headstart.core.strategy import Strategy
from headstart.core.targets import Boxes
from headstart.models.backbone import Backbone
from headstart.tasks.box_assignment import BoxTarget
from headstart.train.cached_maps import with_cached_maps
from headstart.train.dense_feed import VARIATIONS, DenseFeed, DenseSettings, Variation
from headstart.train.feed import Feed
from headstart.train.placement import Placement, place_boxes
from headstart.train.repeated_feed import RepeatedFeed, repeats


def box_feed(part: Dataset, network: Backbone, facts: ModelInput, strategy: Strategy, seed: int) -> Feed:
    """Batches of pictures, changed together with their boxes as the strategy says."""
    if not isinstance(facts, InputFacts):
        raise ValueError("pictures need facts about pictures")
    settings = DenseSettings(facts, _variation(strategy), strategy.train_size, seed)
    feed = with_cached_maps(DenseFeed(part.inputs, part.targets, settings, placed), network, strategy)
    times = repeats(part.presence())
    return RepeatedFeed(feed, times) if (times > 1).any() else feed


def placed(boxes: Boxes, placement: Placement) -> BoxTarget:
    """The boxes in the canvas, as the loss takes them."""
    there = place_boxes(boxes, placement)
    return BoxTarget(
        torch.from_numpy(there.xyxy),
        torch.from_numpy(there.labels.astype(np.int64)),
        torch.from_numpy(there.ignored),
    )


def _variation(strategy: Strategy) -> Variation:
    variation = VARIATIONS[strategy.augmentation]
    if variation.flip and not strategy.flips:
        return Variation(variation.scales, variation.stretch, flip=False, jitter=variation.jitter)
    return variation
