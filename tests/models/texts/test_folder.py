"""Encoders that are made here."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from headstart import models
from headstart.core.errors import ModelError, OptionError
from headstart.models.texts.folder import fresh_encoder, write_encoder_folder
from headstart.models.texts.vocabulary import size_of, tokenizer_of
from headstart.objectives.masked_words import WordHead

TOKENIZER = tokenizer_of(["the film was good", "好 电 影"] * 3, size=50)
TOKENS = size_of(TOKENIZER)
TINY = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}


@pytest.mark.parametrize("kind", ["bert", "roberta"])
def test_what_is_written_is_what_is_loaded(tmp_path: Path, kind: str) -> None:
    made = fresh_encoder(kind, arguments=TINY, tokenizer=TOKENIZER, tokens=TOKENS, window=24).eval()
    write_encoder_folder(tmp_path / "net", made, head=WordHead(16, TOKENS).named_weights(), window=24)
    loaded = models.load(str(tmp_path / "net"))
    assert loaded.card.input == made.card.input
    inputs = torch.tensor([[[[2, 7, 8, 3], [0, 0, 0, 0]]]])
    assert torch.allclose(loaded(inputs).pooled, made(inputs).pooled, atol=1e-2)  # in half precision


def test_arguments_that_follow_from_the_texts_are_refused() -> None:
    with pytest.raises(OptionError, match="vocab_size"):
        fresh_encoder("bert", arguments={"vocab_size": 3}, tokenizer=TOKENIZER, tokens=TOKENS, window=24)


def test_what_is_no_encoder_is_told() -> None:
    with pytest.raises(ModelError, match="no encoders of texts"):
        fresh_encoder("resnet18", arguments={}, tokenizer=TOKENIZER, tokens=TOKENS, window=24)
