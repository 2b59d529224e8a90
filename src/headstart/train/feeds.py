"""The feed of training items, by what the items are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from headstart.core.card import InputFacts, ModelInput, TextInput
from headstart.core.dataset import Dataset
from headstart.core.strategy import Strategy
from headstart.features.preparation import preparation_of
from headstart.models.backbone import Backbone
from headstart.train.box_feed import box_feed
from headstart.train.cached_maps import with_cached_maps
from headstart.train.dense_feed import VARIATIONS, DenseFeed, DenseSettings
from headstart.train.feed import Feed
from headstart.train.mask_tensor import mask_tensor
from headstart.train.picture_feed import PictureFeed, PictureSettings
from headstart.train.text_feed import TextFeed, TextSettings


def feed_for(part: Dataset, network: Backbone, facts: ModelInput, strategy: Strategy, *, seed: int) -> Feed:
    """Batches of the items of a data set for a network that is trained."""
    return FEEDS[part.task if part.task in FEEDS else part.modality](part, network, facts, strategy, seed)


def _pictures(part: Dataset, network: Backbone, facts: ModelInput, strategy: Strategy, seed: int) -> Feed:
    del network
    if not isinstance(facts, InputFacts):
        raise ValueError("pictures need facts about pictures")
    settings = PictureSettings(
        facts=facts,
        augmentation=strategy.augmentation,
        flips=strategy.flips,
        seed=seed,
        sizes=() if strategy.train_size is None else (strategy.train_size,),
    )
    return PictureFeed(part.inputs, part.targets, settings)


def _texts(part: Dataset, network: Backbone, facts: ModelInput, strategy: Strategy, seed: int) -> Feed:
    if not isinstance(facts, TextInput):
        raise ValueError("texts need facts about texts")
    settings = TextSettings(length=facts.length, one_window=strategy.augmentation != "none", seed=seed)
    return TextFeed(part.inputs, part.targets, preparation_of(network, facts), settings)


def _masks(part: Dataset, network: Backbone, facts: ModelInput, strategy: Strategy, seed: int) -> Feed:
    if not isinstance(facts, InputFacts):
        raise ValueError("pictures need facts about pictures")
    variation = VARIATIONS[strategy.augmentation]
    if not strategy.flips:
        variation = replace(variation, flip=False)
    settings = DenseSettings(facts, variation, strategy.train_size, seed)
    return with_cached_maps(DenseFeed(part.inputs, part.targets, settings, mask_tensor), network, strategy)


def _tokens(part: Dataset, network: Backbone, facts: ModelInput, strategy: Strategy, seed: int) -> Feed:
    from headstart.features.tokens import TokenPreparation  # what text models need, pictures do not
    from headstart.train.token_feed import TokenFeed

    del strategy, seed
    return TokenFeed(part.inputs, part.targets, TokenPreparation.of(network, facts))


FEEDS: dict[str, Callable[[Dataset, Backbone, ModelInput, Strategy, int], Feed]] = {
    "image": _pictures,
    "text": _texts,
    "semantic-segmentation": _masks,
    "token-classification": _tokens,
    "object-detection": box_feed,
}
