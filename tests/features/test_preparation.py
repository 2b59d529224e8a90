from __future__ import annotations

import numpy as np
import pytest
import torch

from headstart.core.card import TextInput
from headstart.core.modality import NOUNS
from headstart.core.strategy import STRUCTURED_METRICS
from headstart.data.columns import ArrayColumn
from headstart.data.decode import DECODING
from headstart.data.scan import content_hash
from headstart.features.preparation import PREPARATIONS, preparation_of
from tests.features.samples import FACTS, TinyBackbone, pictures


def test_every_kind_of_item_can_be_prepared() -> None:
    assert set(PREPARATIONS) == set(NOUNS) | set(STRUCTURED_METRICS)


def test_pictures_run_all_together() -> None:
    images = pictures(3)
    preparation = preparation_of(TinyBackbone(), FACTS)
    assert preparation.version == DECODING
    assert preparation.content_hash(images[0]) == content_hash(images[0])
    prepared = preparation.prepare(list(images))
    (batch,) = preparation.batches(prepared, device="cpu")
    assert batch.tolist() == [0, 1, 2]
    inputs = preparation.collate(prepared, device="cpu")
    assert (inputs.shape, inputs.dtype) == ((3, 3, *FACTS.size), torch.float32)
    column = ArrayColumn(images)
    assert preparation.losses(column) == []
    assert preparation.passes(column) == 1.0
    assert preparation.trial(column, items=2, device="cpu").shape == (2, 3, *FACTS.size)
    assert preparation.at_once("cpu") > 0
    assert np.isfinite(inputs.numpy()).all()


def test_facts_about_texts_are_none_about_pictures() -> None:
    with pytest.raises(ValueError, match="facts about pictures"):
        preparation_of(TinyBackbone(), TextInput(tokenizer="x"))
