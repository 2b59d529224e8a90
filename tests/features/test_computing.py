"""Decoding and computing in threads: in order, each view where it is wanted, and torch left as it was."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch

from headstart.core.dataset import Dataset
from headstart.core.errors import HeadstartError
from headstart.features import pictures as pictures_module
from headstart.features.computing import Work, compute
from headstart.features.fast import Forward, plain_forward
from headstart.features.key import View
from headstart.features.pictures import normalise
from tests.features.samples import FACTS, TinyBackbone, dataset_of, pictures

VIEWS: tuple[View, ...] = ("plain", "mirrored")


def work_on(dataset: Dataset, wanted: np.ndarray) -> Work:
    assert dataset.content is not None
    indices = np.arange(len(dataset))
    return Work(dataset.inputs, indices, dataset.content, VIEWS[: wanted.shape[1]], wanted)


def forward() -> Forward:
    return plain_forward(TinyBackbone(), device="cpu", precision="float32")


@pytest.mark.parametrize("batch_size", [1, 3, 50])
def test_batches_come_in_order_with_the_rows_of_each_view(batch_size: int) -> None:
    images = pictures(20)
    wanted = np.stack([np.ones(20, np.bool_), np.arange(20) % 3 == 0], axis=1)
    batches = list(compute(work_on(dataset_of(images), wanted), forward(), facts=FACTS, batch_size=batch_size))
    assert sum(batch.items for batch in batches) == 20
    for view, flipped in enumerate((images, images[:, :, ::-1].copy())):
        items = np.concatenate([batch.rows[view][0] for batch in batches])
        rows = np.concatenate([batch.rows[view][1] for batch in batches if len(batch.rows[view][0])])
        assert items.tolist() == np.flatnonzero(wanted[:, view]).tolist()
        expected = forward()(normalise(torch.from_numpy(flipped), FACTS)).numpy()
        np.testing.assert_allclose(rows, expected[items], rtol=1e-5, atol=1e-6)


def test_one_broken_item_does_not_take_the_others_with_it() -> None:
    dataset = dataset_of(pictures(7))
    assert dataset.content is not None
    dataset.content[3] = 0
    batches = list(compute(work_on(dataset, np.ones((7, 1), np.bool_)), forward(), facts=FACTS, batch_size=2))
    assert [problem for batch in batches for problem in batch.problems] == [
        "row 3: it has changed since the data were scanned"
    ]
    assert np.concatenate([batch.rows[0][0] for batch in batches]).tolist() == [0, 1, 2, 4, 5, 6]


def test_a_batch_of_broken_items_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(raw: object, facts: object) -> None:
        raise HeadstartError("no")

    monkeypatch.setattr(pictures_module, "load_pixels", refuse)
    work = work_on(dataset_of(pictures(2)), np.ones((2, 1), np.bool_))
    (batch,) = compute(work, forward(), facts=FACTS, batch_size=2)
    assert (batch.items, batch.rows, len(batch.problems)) == (2, (), 2)


def test_torch_and_threads_are_left_as_they_were() -> None:
    before, threads = torch.get_num_threads(), threading.active_count()
    work = work_on(dataset_of(pictures(9)), np.ones((9, 1), np.bool_))
    list(compute(work, forward(), facts=FACTS, batch_size=1))
    assert (torch.get_num_threads(), threading.active_count()) == (before, threads)


def test_stopping_half_way_leaves_nothing_behind() -> None:
    threads = threading.active_count()
    batches = compute(
        work_on(dataset_of(pictures(40)), np.ones((40, 1), np.bool_)), forward(), facts=FACTS, batch_size=1
    )
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    assert threading.active_count() == threads


def test_a_mistake_in_the_network_comes_out() -> None:
    class Broken(TinyBackbone):
        def forward(self, inputs: torch.Tensor) -> None:  # type: ignore[override]
            raise ZeroDivisionError

    broken = plain_forward(Broken(), device="cpu", precision="float32")
    with pytest.raises(ZeroDivisionError):
        list(compute(work_on(dataset_of(pictures(3)), np.ones((3, 1), np.bool_)), broken, facts=FACTS, batch_size=1))
