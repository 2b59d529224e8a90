from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from headstart import models
from headstart.core.card import InputFacts, TextInput
from headstart.core.errors import DataError
from headstart.data.looking import look_at
from headstart.data.reader import ReadOptions
from headstart.data.text_arrays import READER
from headstart.features.extract import extract
from headstart.features.preparation import preparation_of
from headstart.features.texts import TextPreparation, collate_windows, size_of
from headstart.models.texts.network import TextBackbone
from tests.encoders import sentences, write_encoder


@pytest.fixture
def backbone(tmp_path: Path) -> TextBackbone:
    found = models.load(str(write_encoder(tmp_path / "encoder")))
    assert isinstance(found, TextBackbone)
    return found


def facts_of(backbone: TextBackbone, **changes: object) -> TextInput:
    assert isinstance(backbone.card.input, TextInput)
    return backbone.card.input.model_copy(update=changes)


def test_texts_become_windows_or_are_cut(backbone: TextBackbone) -> None:
    texts = ["good film", "bad " * 40]
    for long_texts, windows in (("windows", [1, 3]), ("cut", [1, 1])):
        preparation = TextPreparation(backbone.tokenizer, facts_of(backbone, long_texts=long_texts))
        assert [len(each) for each in preparation.prepare(texts)] == windows
    with pytest.raises(DataError, match="an empty text"):
        preparation.prepare([" "])


def test_the_ledger_says_which_texts_are_longer(backbone: TextBackbone) -> None:
    column = READER.read((["good film", "bad " * 40], ["a", "b"]), ReadOptions()).inputs
    found = {
        how: TextPreparation(backbone.tokenizer, facts_of(backbone, long_texts=how)).losses(column)
        for how in ("windows", "cut")
    }
    assert found == {
        "windows": [("noted", "longer than 16 tokens: read in windows that are averaged", "row 2")],
        "cut": [("truncated", "longer than 16 tokens: cut", "row 2")],
    }


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(2, 300)), min_size=1, max_size=60))
def test_every_text_is_in_one_batch_with_others_of_its_length(shapes: list[tuple[int, int]]) -> None:
    prepared = [[np.zeros((2, tokens), np.int32)] * windows for windows, tokens in shapes]
    preparation = TextPreparation.__new__(TextPreparation)
    batches = preparation.batches(prepared, device="cpu")
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(shapes)))
    sizes = [[size_of(prepared[item]) for item in batch] for batch in batches]
    assert all(len(batch) == 1 or len(batch) * max(batch) <= 1024 for batch in sizes)
    assert all(max(one) <= min(other) for one, other in pairwise(sizes))


def test_what_is_not_there_is_minus_one() -> None:
    batch = collate_windows([[np.ones((2, 3), np.int32)], [np.ones((2, 2), np.int32)] * 2])
    assert batch.shape == (2, 2, 2, 3)
    assert batch[0, 1].tolist() == [[-1] * 3] * 2
    assert batch[1, 1].tolist() == [[1, 1, -1]] * 2


def test_cached_features_are_those_of_each_text_alone(backbone: TextBackbone) -> None:
    texts, labels = sentences(30, longest=40)
    dataset, _ = look_at(READER.read((texts, labels), ReadOptions()))
    facts = facts_of(backbone)
    preparation = preparation_of(backbone, facts)
    for kind in ("pooled", "stages"):
        for again in (False, True):
            table = extract(dataset, backbone, input=facts, device="cpu", precision="float32", kind=kind)
            assert table.width == (backbone.width if kind == "pooled" else backbone.stage_width), again
        for index in (0, 7, 29):
            with torch.inference_mode():
                alone = preparation.collate(preparation.prepare([texts[index]]), device="cpu")
                found = backbone(alone).pooled if kind == "pooled" else backbone.forward_stages(alone).stages
            np.testing.assert_allclose(table.rows(np.array([index])), found, rtol=1e-4, atol=1e-5)


def test_windows_and_cut_texts_have_features_of_their_own(backbone: TextBackbone) -> None:
    dataset, _ = look_at(READER.read((["bad " * 40 + "good " * 40, "film"], ["a", "b"]), ReadOptions()))
    rows = [
        extract(dataset, backbone, input=facts_of(backbone, long_texts=how), device="cpu", precision="float32").rows(
            np.arange(2)
        )
        for how in ("windows", "cut")
    ]
    assert np.abs(rows[0][0] - rows[1][0]).max() > 1e-3
    np.testing.assert_allclose(rows[0][1], rows[1][1], atol=1e-6)


def test_a_trial_is_of_texts_out_of_the_data(backbone: TextBackbone) -> None:
    column = READER.read((["good", "bad " * 40], ["a", "b"]), ReadOptions()).inputs
    preparation = preparation_of(backbone, facts_of(backbone))
    trial = preparation.trial(column, items=4, device="cpu")
    assert trial.shape == (4, 1, 2, 16)
    assert (trial[0, 0, 0] >= 0).sum() == 3
    assert preparation.passes(column) == 2.0


def test_a_network_for_pictures_reads_no_texts(backbone: TextBackbone) -> None:
    with pytest.raises(ValueError, match="no facts about texts"):
        preparation_of(backbone, InputFacts())
