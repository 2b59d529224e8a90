from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headstart import models
from headstart.core.card import InputFacts, TextInput
from headstart.core.modality import NOUNS
from headstart.core.strategy import STRUCTURED_METRICS
from headstart.data.reader import ReadOptions
from headstart.data.reading import read
from headstart.train.feeds import FEEDS, feed_for
from headstart.train.picture_feed import PictureFeed
from headstart.train.text_feed import TextFeed
from tests.encoders import write_encoder
from tests.train.tiny import strategy, tiny_model


def test_every_kind_of_item_has_a_feed(tmp_path: Path) -> None:
    assert set(FEEDS) == set(NOUNS) | set(STRUCTURED_METRICS)
    pictures = read((np.zeros((4, 8, 8, 3), np.uint8), list("abab")), ReadOptions())
    body = tiny_model()[0].backbone
    assert isinstance(feed_for(pictures, body, InputFacts(size=(8, 8)), strategy(), seed=0), PictureFeed)
    texts = read((["one", "two"], ["a", "b"]), ReadOptions())
    encoder = models.load(str(write_encoder(tmp_path)))
    assert isinstance(encoder.card.input, TextInput)
    assert isinstance(feed_for(texts, encoder, encoder.card.input, strategy(), seed=0), TextFeed)
    with pytest.raises(ValueError, match="texts need"):
        feed_for(texts, encoder, InputFacts(), strategy(), seed=0)
    with pytest.raises(ValueError, match="pictures need"):
        feed_for(pictures, body, encoder.card.input, strategy(), seed=0)
