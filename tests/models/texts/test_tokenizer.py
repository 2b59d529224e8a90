from __future__ import annotations

import copy
import json
import tempfile
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.errors import ModelError
from headstart.models.texts.tokenizer import LONGEST, Tokenizer, length_of, parse_tokenizer, read_tokenizer
from headstart.models.transformers.texts import describe_encoder
from tests.encoders import write_encoder


def test_windows_hold_every_token_once_between_special_ones(tmp_path: Path) -> None:
    tokenizer = read_tokenizer(write_encoder(tmp_path), model="test")
    (short, long) = tokenizer.windows(["good film", "good bad film " * 5], length=8)
    assert len(short) == 1
    first, last = short[0][0][[0, -1]]
    assert short[0].shape == (2, 4)
    assert [window.shape[1] for window in long] == [8, 8, 5]
    inside = [int(token) for window in long for token in window[0][1:-1]]
    whole = tokenizer.windows(["good bad film " * 5], length=64)[0][0][0]
    assert inside == whole[1:-1].tolist()
    assert all((window[0][0], window[0][-1]) == (first, last) for window in long)


def test_pairs_have_types_and_windows(tmp_path: Path) -> None:
    tokenizer = read_tokenizer(write_encoder(tmp_path), model="test")
    ((window,), several) = tokenizer.windows([("good film", "bad"), ("good " * 9, "bad film")], length=8)
    assert window[1].tolist() == [0, 0, 0, 0, 1, 1]
    assert len(several) > 1
    assert all(part.shape[1] <= 8 for part in several)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(8, 20))
def test_long_pairs_have_as_many_windows_as_the_longer_text_needs(first: int, second: int, length: int) -> None:
    tokenizer = pair_tokenizer()
    words = ("good", "bad")
    (several,) = tokenizer.windows([(" ".join(["good"] * first), " ".join(["bad"] * second))], length=length)
    assert all(part.shape[1] <= length for part in several)
    good, bad = (int(tokenizer.windows([word], length=8)[0][0][0][1]) for word in words)
    for token, count in ((good, first), (bad, second)):
        seen = [int((part[0] == token).sum()) for part in several]
        assert sum(seen) == count if len(several) == 1 else sum(seen) >= count
        assert count == 0 or min(seen) > 0
    half = (length - 3) // 2
    assert len(several) <= max(1, -(-max(first, second) // half))
    assert all((part[0] == several[0][0][0]).sum() == 1 for part in several)


@lru_cache
def pair_tokenizer() -> Tokenizer:
    with tempfile.TemporaryDirectory() as folder:
        return read_tokenizer(write_encoder(Path(folder)), model="test")


def test_what_a_file_says_of_padding_and_cutting_is_not_heeded(tmp_path: Path) -> None:
    tokenizer = read_tokenizer(write_encoder(tmp_path), model="test")
    asked = json.loads(tokenizer.text)
    asked["truncation"] = {"max_length": 4, "strategy": "LongestFirst", "stride": 0, "direction": "Right"}
    asked["padding"] = {
        "strategy": {"Fixed": 9},
        "direction": "Right",
        "pad_to_multiple_of": None,
        "pad_id": 0,
        "pad_type_id": 0,
        "pad_token": "[PAD]",
    }
    ((window,),) = parse_tokenizer(json.dumps(asked), place="test").windows(["the plot was fine"], length=12)
    assert window.shape == (2, 6)


def test_it_is_known_by_its_json(tmp_path: Path) -> None:
    tokenizer = read_tokenizer(write_encoder(tmp_path), model="test")
    again = parse_tokenizer(tokenizer.text, place="test")
    assert again.fingerprint == tokenizer.fingerprint != parse_tokenizer(tokenizer.text + " ", place="x").fingerprint
    assert copy.deepcopy(tokenizer) is tokenizer


@pytest.mark.parametrize("text", ["", "{}", '{"version": "1.0"}', "no json"])
def test_what_is_no_tokenizer_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match=r"The tokenizer\.json of there is not a tokenizer"):
        parse_tokenizer(text, place="there")


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    write_encoder(tmp_path)
    (tmp_path / "vocab.txt").unlink()
    with pytest.raises(ModelError, match="test has no tokenizer"):
        read_tokenizer(tmp_path, model="test")


def test_a_tokenizer_without_its_token_for_the_unknown_is_refused(tmp_path: Path) -> None:
    write_encoder(tmp_path)
    (tmp_path / "vocab.txt").write_text("")
    with pytest.raises(ModelError, match=r"The tokenizer\.json of test is not a tokenizer.*UNK"):
        read_tokenizer(tmp_path, model="test")


def test_tokens_that_the_network_does_not_know_are_refused(tmp_path: Path) -> None:
    folder = write_encoder(tmp_path)
    count = len((folder / "vocab.txt").read_text().splitlines())
    with (folder / "vocab.txt").open("a") as file:
        file.write("plots\n")
    with pytest.raises(ModelError, match=f"makes {count + 1} different tokens, of which its network knows {count}"):
        describe_encoder("test", folder, revision="")


def test_the_length_is_what_the_model_was_made_for(tmp_path: Path) -> None:
    assert length_of(tmp_path, {}) == LONGEST
    assert length_of(tmp_path, {"max_position_embeddings": 8192}) == LONGEST
    assert length_of(tmp_path, {"max_position_embeddings": 514}) == 512
    assert length_of(tmp_path, {"max_position_embeddings": 130}) == 130
    kin = {"max_position_embeddings": 130, "pad_token_id": 1, "model_type": "roberta"}
    assert length_of(tmp_path, kin) == 128
    assert length_of(tmp_path, {**kin, "pad_token_id": 0}) == 129
    assert length_of(tmp_path, {**kin, "pad_token_id": 0, "model_type": "mpnet"}) == 128
    assert length_of(tmp_path, {**kin, "max_position_embeddings": 514}) == 512
    (tmp_path / "tokenizer_config.json").write_text('{"model_max_length": 1000000000000000019884624838656}')
    assert length_of(tmp_path, {"max_position_embeddings": 256}) == 256
    (tmp_path / "sentence_bert_config.json").write_text('{"max_seq_length": 128}')
    assert length_of(tmp_path, {"max_position_embeddings": 512}) == 128
