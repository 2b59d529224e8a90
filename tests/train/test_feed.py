"""Orders and batches of items, and the feed of cached features."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from headstart.models.backbone import Features
from headstart.train.feed import FeatureFeed, epoch_order, split_order, target_tensor


@given(items=st.integers(1, 200), seed=st.integers(0, 2**32 - 1), epoch=st.integers(0, 50))
def test_an_epoch_is_a_permutation_that_seed_and_epoch_decide(items: int, seed: int, epoch: int) -> None:
    order = epoch_order(items, seed=seed, epoch=epoch)
    assert order.dtype == np.int64
    assert np.array_equal(np.sort(order), np.arange(items))
    assert np.array_equal(order, epoch_order(items, seed=seed, epoch=epoch))


def test_epochs_and_seeds_have_orders_of_their_own() -> None:
    orders = [tuple(epoch_order(50, seed=seed, epoch=epoch)) for seed, epoch in [(0, 0), (0, 1), (1, 0)]]
    assert len(set(orders)) == 3


@given(items=st.integers(1, 100), size=st.integers(1, 40), join=st.booleans())
def test_batches_are_the_order_cut_up(items: int, size: int, join: bool) -> None:
    order = epoch_order(items, seed=0, epoch=0)
    batches = split_order(order, size, join_single=join)
    assert np.array_equal(np.concatenate(batches), order)
    assert all(len(batch) == size for batch in batches[:-1])
    assert 1 <= len(batches[-1]) <= size + join


@pytest.mark.parametrize(("join", "lengths"), [(False, [4, 4, 1]), (True, [4, 5])])
def test_a_single_last_item_joins_the_batch_before_it_on_request(join: bool, lengths: list[int]) -> None:
    assert [len(batch) for batch in split_order(np.arange(9), 4, join_single=join)] == lengths


def test_targets_are_what_the_losses_want() -> None:
    assert target_tensor(np.array([0, 2], np.int32)).dtype == torch.int64
    assert target_tensor(np.array([[0, 1]], np.uint8)).dtype == torch.float32


class Table:
    """Row i holds i."""

    def rows(self, indices: np.ndarray) -> np.ndarray:
        return np.repeat(indices[:, None], 3, axis=1).astype(np.float16)


def test_features_come_from_the_rows_of_the_training_items() -> None:
    feed = FeatureFeed(Table(), np.array([5, 6, 7], np.int32), indices=np.array([10, 20, 30]))
    (batch,) = feed.batches([np.array([2, 0])], epoch=0, device="cpu")
    assert isinstance(batch.inputs, Features)
    assert batch.inputs.pooled is not None
    assert batch.inputs.pooled.dtype == torch.float32
    assert batch.inputs.pooled[:, 0].tolist() == [30.0, 10.0]
    assert batch.targets.tolist() == [7, 5]
    assert len(feed) == 3
