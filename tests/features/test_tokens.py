from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headstart.core.card import TextInput
from headstart.data.columns import ArrayColumn
from headstart.features.preparation import preparation_of
from headstart.features.tokens import OVERLAP, TokenPreparation
from headstart.models import load
from headstart.models.texts.tokenizer import read_tokenizer
from tests.encoders import LENGTH, WORDS, write_encoder


@pytest.fixture(scope="module")
def preparation(tmp_path_factory: pytest.TempPathFactory) -> TokenPreparation:
    tokenizer = read_tokenizer(write_encoder(tmp_path_factory.mktemp("encoder")), model="tiny")
    return TokenPreparation(tokenizer, TextInput(tokenizer=tokenizer.fingerprint, length=LENGTH))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(words=st.lists(st.sampled_from(WORDS), max_size=60))
def test_every_token_belongs_to_one_window(preparation: TokenPreparation, words: list[str]) -> None:
    text = " ".join(words) or "x"
    (windows,) = preparation.prepare([text])
    assert all(window.ids.shape[1] <= LENGTH for window in windows)
    places = np.concatenate([window.places[window.kept] for window in windows])
    found = [text[start:end] for start, end in places]
    assert found == (words or ["x"])
    for window in windows:
        assert (window.places[~window.kept & (window.places[:, 0] < 0)] == -1).all()


def test_windows_share_tokens_and_decide_those_in_their_middle(preparation: TokenPreparation) -> None:
    (windows,) = preparation.prepare(["the " * 40])
    own = [np.flatnonzero(window.places[:, 0] >= 0) for window in windows]
    overlap = int(OVERLAP * LENGTH)
    first, second = windows[0].places[own[0]], windows[1].places[own[1]]
    np.testing.assert_array_equal(first[-overlap:], second[:overlap])
    assert not windows[0].kept[own[0][-overlap // 2 :]].any()
    assert not windows[1].kept[own[1][: overlap // 2]].any()
    assert windows[0].kept[own[0][0]]


def test_batches_and_what_is_said_of_long_texts(preparation: TokenPreparation) -> None:
    texts = ["the film", "so " * 40, "bad"]
    prepared = preparation.prepare(texts)
    batch = preparation.collate(prepared, device="cpu")
    assert batch.shape == (3, len(prepared[1]), 2, LENGTH)
    assert (batch[0, 1:] == -1).all()
    assert sorted(np.concatenate(preparation.batches(prepared, device="cpu"))) == [0, 1, 2]
    column = ArrayColumn(texts)
    (event,) = preparation.losses(column)
    assert event[:2] == ("noted", "longer than 16 tokens: read in windows that overlap; every word has a tag")
    assert preparation.passes(column) > 1
    assert preparation.trial(column, items=2, device="cpu").shape[:2] == (2, 1)
    assert preparation.at_once("cpu") > 1
    assert preparation.content_hash("a") != preparation.content_hash("b")


def test_it_is_that_of_the_task(tmp_path: Path) -> None:
    network = load(str(write_encoder(tmp_path / "encoder", layers=1)))
    assert network.card.input is not None
    assert isinstance(preparation_of(network, network.card.input, task="token-classification"), TokenPreparation)
