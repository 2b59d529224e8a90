from __future__ import annotations

import numpy as np
import pytest
import torch

from headstart.core.card import TextInput
from headstart.core.targets import Entities, column_of
from headstart.data.columns import ArrayColumn
from headstart.data.words import words_of
from headstart.features.tokens import TokenPreparation
from headstart.models.texts.tokenizer import read_tokenizer
from headstart.tasks.token_classification import IGNORED
from headstart.train.token_feed import TokenFeed, tagged_windows, tags_of_tokens
from tests.encoders import LENGTH, write_encoder


@pytest.fixture(scope="module")
def preparation(tmp_path_factory: pytest.TempPathFactory) -> TokenPreparation:
    tokenizer = read_tokenizer(write_encoder(tmp_path_factory.mktemp("encoder")), model="tiny")
    return TokenPreparation(tokenizer, TextInput(tokenizer=tokenizer.fingerprint, length=LENGTH))


def entities(text: str, tags: list[int]) -> Entities:
    return Entities(words_of(text), np.array(tags, np.int32))


def test_the_first_token_of_a_word_has_its_tag(preparation: TokenPreparation) -> None:
    text = "the films was goodly"  # film ##s and good ##ly are two tokens each
    (windows,) = preparation.prepare([text])
    (tags,) = tags_of_tokens(windows, entities(text, [0, 1, 0, 3]))
    assert tags.tolist() == [IGNORED, 0, 1, IGNORED, 0, 3, IGNORED, IGNORED]


def test_of_words_that_share_a_token_the_first_speaks(preparation: TokenPreparation) -> None:
    (windows,) = preparation.prepare(["film"])
    target = Entities(np.array([[0, 2], [2, 4]], np.int32), np.array([1, 2], np.int32))
    assert [tags.tolist() for tags in tags_of_tokens(windows, target)] == [[IGNORED, 1, IGNORED]]


def test_every_word_of_a_long_text_is_learnt_once(preparation: TokenPreparation) -> None:
    text = " ".join(["the film"] * 20)
    column, targets = ArrayColumn([text, "so"]), column_of([entities(text, [0, 1] * 20), entities("so", [0])])
    windows = tagged_windows(column, targets, preparation)
    learnt = np.concatenate([window.tags[window.tags != IGNORED] for window in windows])
    assert learnt.tolist() == [0, 1] * 20 + [0]
    feed = TokenFeed(column, targets, preparation)
    assert len(feed) == len(windows)
    assert feed.lengths is not None
    assert feed.lengths.max() == LENGTH
    (batch,) = feed.batches([np.arange(len(feed))], epoch=0, device="cpu")
    assert isinstance(batch.inputs, torch.Tensor)
    assert batch.inputs.shape == (len(feed), 1, 2, LENGTH)
    assert len(batch.targets) == len(feed)
    assert float(batch.targets[0][1]) == pytest.approx(len(feed) / 41)


def test_a_window_without_words_is_no_item(preparation: TokenPreparation) -> None:
    column = ArrayColumn(["so", "the"])
    nothing = Entities(np.zeros((0, 2), np.int32), np.zeros(0, np.int32))
    assert len(TokenFeed(column, column_of([entities("so", [0]), nothing]), preparation)) == 1
