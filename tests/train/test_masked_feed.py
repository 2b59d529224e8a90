"""Windows of tokens of which some are left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.data.text_columns import TextColumn
from headstart.models.texts.tokenizer import Tokenizer
from headstart.models.texts.vocabulary import MASK, SPECIAL, tokenizer_of
from headstart.train.masked_feed import MaskedFeed, MaskedSettings, packed

LETTERS = [" ".join("abcdefgh"[place:] + "abcdefgh"[:place]) for place in range(8)]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return tokenizer_of(LETTERS, size=40)


def column(texts: Sequence[str]) -> TextColumn:
    return TextColumn(pa.array(texts, pa.large_string()))


def test_texts_follow_one_another_without_padding(tokenizer: Tokenizer) -> None:
    windows = packed(column(LETTERS[:3]), tokenizer, length=10)
    start, end = SPECIAL.index("[CLS]"), SPECIAL.index("[SEP]")
    assert windows.shape == (4, 10)  # 3 texts of 8 letters and an end each, 8 tokens a window
    assert set(windows[:, 0]) == {start}
    assert set(windows[:, -1]) == {end}
    stream = windows[:, 1:-1].flatten()
    singles = [tokenizer.windows([text], length=20)[0][0][0, 1:] for text in LETTERS[:3]]
    assert stream[:27].tolist() == np.concatenate(singles).tolist()
    assert stream[27:].tolist() == stream[:5].tolist()


@given(masked=st.floats(0.01, 0.9), length=st.integers(8, 30), epoch=st.integers(0, 5))
def test_what_is_left_out_can_be_put_back(masked: float, length: int, epoch: int) -> None:
    windows = np.random.default_rng(0).integers(len(SPECIAL), 40, (6, length))
    windows[:, 0], windows[:, -1], windows[:, 3] = 2, 3, 3
    feed = MaskedFeed(windows, MaskedSettings(length, masked, tokens=40, seed=1))
    (batch,) = feed.batches([np.arange(6)], epoch=epoch, device="cpu")
    inputs, targets = batch.inputs.numpy(), batch.targets.numpy()  # type: ignore[union-attr]
    asked = inputs[:, 1].astype(bool)
    assert (asked.sum(axis=1) == max(round(masked * (length - 2)), 1)).all()
    assert not asked[:, [0, -1]].any()
    restored = inputs[:, 0].copy()
    restored[asked] = targets.flatten()
    assert np.array_equal(restored, windows)


def test_most_are_masked_some_replaced_and_some_kept() -> None:
    windows = np.full((400, 22), 9)
    windows[:, 0], windows[:, -1] = 2, 3
    feed = MaskedFeed(windows, MaskedSettings(22, 0.5, tokens=1000))
    (batch,) = feed.batches([np.arange(400)], epoch=0, device="cpu")
    inputs = batch.inputs.numpy()  # type: ignore[union-attr]
    seen = inputs[:, 0][inputs[:, 1].astype(bool)]
    assert (seen == SPECIAL.index(MASK)).mean() == pytest.approx(0.8, abs=0.02)
    assert (seen == 9).mean() == pytest.approx(0.1, abs=0.02)
    assert seen[seen > 9].min() > len(SPECIAL)


def test_other_tokens_in_every_epoch_and_the_same_by_seed() -> None:
    windows = np.random.default_rng(0).integers(5, 40, (3, 20))

    def asked(epoch: int, seed: int) -> list[list[int]]:
        feed = MaskedFeed(windows, MaskedSettings(20, 0.3, tokens=40, seed=seed))
        (batch,) = feed.batches([np.arange(3)], epoch=epoch, device="cpu")
        found: list[list[int]] = batch.inputs[:, 1].tolist()  # type: ignore[index]
        return found

    assert asked(0, 0) == asked(0, 0)
    assert asked(0, 0) != asked(1, 0)
    assert asked(0, 0) != asked(0, 1)
