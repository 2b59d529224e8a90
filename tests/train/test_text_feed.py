from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from headstart import models
from headstart.core.card import TextInput
from headstart.core.errors import DataError
from headstart.data.text_columns import TextColumn
from headstart.data.text_inputs import text_input_column
from headstart.features.preparation import preparation_of
from headstart.train.feed import chunks_of, widest
from headstart.train.text_feed import TextFeed, TextSettings
from tests.encoders import LENGTH, write_encoder

LONG = "good bad film plot the very so it was fine " * 4
TEXTS = ["good film", LONG, "bad", "the plot was dull"]


def feed_of(folder: Path, *, one_window: bool = True, inputs: TextColumn | None = None) -> TextFeed:
    backbone = models.load(str(write_encoder(folder)))
    facts = backbone.card.input
    assert isinstance(facts, TextInput)
    column = text_input_column(TEXTS)[0] if inputs is None else inputs
    settings = TextSettings(length=LENGTH, one_window=one_window)
    return TextFeed(column, np.arange(len(column), dtype=np.int32) % 2, preparation_of(backbone, facts), settings)


def test_a_long_text_is_seen_through_one_window_after_the_other(tmp_path: Path) -> None:
    feed = feed_of(tmp_path)
    seen = set()
    for epoch in range(12):
        (batch,) = feed.batches([np.array([1, 0])], epoch=epoch, device="cpu")
        (again,) = feed.batches([np.array([1, 0])], epoch=epoch, device="cpu")
        assert torch.equal(batch.inputs, again.inputs)
        assert batch.inputs.shape[:3] == (2, 1, 2)
        assert batch.targets.tolist() == [1, 0]
        seen.add(tuple(batch.inputs[0, 0, 0].tolist()))
    assert len(seen) >= 3


def test_all_windows_where_that_is_asked_for(tmp_path: Path) -> None:
    (batch,) = feed_of(tmp_path, one_window=False).batches([np.array([0, 1])], epoch=0, device="cpu")
    assert batch.inputs.shape == (2, 3, 2, LENGTH)


def test_batches_come_in_order_whatever_is_not_used(tmp_path: Path) -> None:
    feed = feed_of(tmp_path)
    chunks = [np.array([0]), np.array([2, 3]), np.array([1])]
    assert [batch.targets.tolist() for batch in feed.batches(chunks, epoch=0, device="cpu")] == [[0], [0, 1], [1]]
    stopped = feed.batches(chunks, epoch=0, device="cpu")
    next(stopped)
    stopped.close()


def test_texts_of_like_length_are_in_one_step(tmp_path: Path) -> None:
    texts = ["good " * (1 + number % 12) for number in range(60)]
    column = text_input_column(texts)[0]
    feed = feed_of(tmp_path, inputs=column)  # type: ignore[arg-type]
    steps = chunks_of(feed, 5, seed=0, epoch=0)
    assert sorted(np.concatenate(steps).tolist()) == list(range(60))
    assert [step.tolist() for step in steps] == [step.tolist() for step in chunks_of(feed, 5, seed=0, epoch=0)]
    assert [step.tolist() for step in steps] != [step.tolist() for step in chunks_of(feed, 5, seed=0, epoch=1)]
    assert np.mean([np.ptp(feed.lengths[step]) for step in steps]) < 12
    means = [feed.lengths[step].mean() for step in steps]
    assert means != sorted(means)
    assert set(feed.lengths[widest(feed, 3)]) == {feed.lengths.max()}


def test_a_text_that_has_gone_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("good")
    column = text_input_column([tmp_path / "a.txt"])[0]
    feed = feed_of(tmp_path / "encoder", inputs=column)  # type: ignore[arg-type]
    (tmp_path / "a.txt").write_text("")
    with pytest.raises(DataError, match="an empty text"):
        next(feed.batches([np.array([0])], epoch=0, device="cpu"))
