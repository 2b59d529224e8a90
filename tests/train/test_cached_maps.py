"""Maps out of memory: those that the network gives, once for each picture, and the training that comes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from headstart.core.card import InputFacts
from headstart.core.strategy import Rule, Strategy
from headstart.core.targets import column_of
from headstart.data.columns import ArrayColumn
from headstart.models import load
from headstart.models.backbone import Backbone, Features
from headstart.tasks.semantic_segmentation import SemanticSegmentation
from headstart.tasks.task import Model
from headstart.train import cached_maps
from headstart.train.cached_maps import CachedMaps, stays, with_cached_maps
from headstart.train.dense_feed import VARIATIONS, DenseFeed, DenseSettings
from headstart.train.loop import TrainSettings, train
from headstart.train.mask_tensor import mask_tensor
from tests.pixels import Pixels

FACTS = InputFacts(size=(64, 96))
FROZEN = Strategy(
    method="linear-probe",
    rules=(Rule(pattern="backbone.*"), Rule(pattern="head.*", learning_rate=1e-3)),
    solver="gradient",
    optimizer="adamw",
    epochs=3,
    batch_size=4,
    augmentation="flip",
)


def feed(variation: str = "flip") -> DenseFeed:
    random = np.random.default_rng(0)
    pictures = [random.integers(0, 255, (50, 80 - 4 * place, 3), np.uint8) for place in range(6)]
    masks = column_of([Pixels((one[:, :, 0] > 127).astype(np.int16)) for one in pictures])
    return DenseFeed(ArrayColumn(pictures), masks, DenseSettings(FACTS, VARIATIONS[variation]), mask_tensor)  # type: ignore[index]


@pytest.fixture(scope="module")
def network() -> Backbone:
    return load("starter/tiny-resnet").eval()


@pytest.mark.parametrize("variation", ["none", "flip"])
def test_maps_and_targets_are_those_of_the_pictures(network: Backbone, variation: str) -> None:
    plain, cached = feed(variation), CachedMaps(feed(variation), network)
    chunks = [np.array([0, 3, 5]), np.array([1])]
    for epoch in (0, 1, 0):
        pairs = zip(*(each.batches(chunks, epoch=epoch, device="cpu") for each in (plain, cached)), strict=True)
        for pictures, maps in pairs:
            assert isinstance(pictures.inputs, Tensor)
            assert isinstance(maps.inputs, Features)
            if pictures.inputs.shape[2:] != (64, 96):
                continue  # without a variation, a batch of pictures has a canvas of its own
            with torch.no_grad():
                expected = network.forward_maps(pictures.inputs).maps
            for ours, theirs in zip(maps.inputs.maps or (), expected or (), strict=True):
                torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)
            assert all(torch.equal(one, other) for one, other in zip(maps.targets, pictures.targets, strict=True))


def test_each_picture_passes_through_the_network_once(network: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    passes: list[int] = []
    plain = cached_maps._maps
    monkeypatch.setattr(cached_maps, "_maps", lambda *given: passes.append(1) or plain(*given))
    kept, forgotten = CachedMaps(feed(), network), CachedMaps(feed(), network, share=0)
    for cached in (kept, forgotten):
        passes.clear()
        for epoch in range(4):
            list(cached.batches([np.arange(6)], epoch=epoch, device="cpu"))
        assert len(passes) == 24 if cached is forgotten else 6 <= len(passes) <= 12


def test_the_training_is_the_same_with_and_without_room(network: Backbone) -> None:
    def trained(share: float) -> dict[str, Any]:
        torch.manual_seed(0)
        task = SemanticSegmentation()
        model = Model(network, task.head(network, 2))
        train(model, task, CachedMaps(feed(), network, share=share), FROZEN, settings=TrainSettings(seed=1))
        return {name: value.clone() for name, value in model.head.state_dict().items()}

    with_room, without = trained(0.1), trained(0)
    assert all(torch.equal(with_room[name], without[name]) for name in with_room)


def test_only_where_nothing_of_the_network_moves_and_pictures_come_back(network: Backbone) -> None:
    moving = FROZEN.model_copy(update={"rules": (Rule(pattern="*", learning_rate=1e-3),)})
    norms = FROZEN.model_copy(
        update={"rules": (Rule(pattern="backbone.*", learning_rate=1e-3, only="normalisation"), *FROZEN.rules)}
    )
    assert stays(network, FROZEN)
    assert not stays(network, moving)
    assert not stays(network, norms)
    assert not stays(network, FROZEN.model_copy(update={"rules": ()}))
    assert isinstance(with_cached_maps(feed(), network, FROZEN), CachedMaps)
    assert isinstance(with_cached_maps(feed("crop"), network, FROZEN), DenseFeed)
    assert isinstance(with_cached_maps(feed(), network, moving), DenseFeed)
