"""Encoders that are made here."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForMaskedLM

from headstart import models
from headstart.core.errors import ModelError, OptionError
from headstart.models.texts.folder import fresh_encoder, write_encoder_folder
from headstart.models.texts.vocabulary import SPECIAL, size_of, tokenizer_of
from headstart.models.texts.word_head import WordHead, head_form
from headstart.objectives.masked_words import MaskedModel

TOKENIZER = tokenizer_of(["the film was good", "好 电 影"] * 3, size=50)
TOKENS = size_of(TOKENIZER)
DISTIL = {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32}
TINY = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}


@pytest.mark.parametrize("kind", ["bert", "distilbert", "modernbert", "mpnet", "roberta", "roformer", "xlm-roberta"])
def test_what_is_written_is_what_is_loaded(tmp_path: Path, kind: str) -> None:
    given = DISTIL if kind == "distilbert" else TINY
    made = fresh_encoder(kind, arguments=given, tokenizer=TOKENIZER, tokens=TOKENS, window=24).eval()
    head = WordHead(16, TOKENS, head_form(made.architecture))
    with torch.no_grad():
        for value in head.parameters():
            value.add_(torch.randn_like(value), alpha=0.1)
    write_encoder_folder(tmp_path / "net", made, head=head.named_weights(), window=24)
    loaded = models.load(str(tmp_path / "net"))
    assert loaded.card.input == made.card.input
    inputs = torch.tensor([[[[2, *[7, 8] * 11, 3], [0] * 24]]])  # a full window
    assert torch.allclose(loaded(inputs).pooled, made(inputs).pooled, atol=1e-2)  # in half precision
    theirs, report = AutoModelForMaskedLM.from_pretrained(
        tmp_path / "net", local_files_only=True, output_loading_info=True, dtype=torch.float32
    )
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    model = MaskedModel(made, head).eval()
    asked = torch.stack([inputs[0, 0, 0], torch.ones(24, dtype=torch.long)])[None]
    assert torch.allclose(model(asked), theirs.eval()(input_ids=asked[:, 0]).logits, atol=2e-2)


def test_special_tokens_are_those_of_the_tokenizer() -> None:
    made = fresh_encoder("modernbert", arguments=TINY, tokenizer=TOKENIZER, tokens=TOKENS, window=24)
    config = made.architecture.arguments["config"]
    named = {"pad": "[PAD]", "cls": "[CLS]", "sep": "[SEP]", "bos": "[CLS]", "eos": "[SEP]"}
    assert {name: config[f"{name}_token_id"] for name in named} == {
        name: SPECIAL.index(token) for name, token in named.items()
    }


def test_arguments_that_follow_from_the_texts_are_refused() -> None:
    with pytest.raises(OptionError, match="vocab_size"):
        fresh_encoder("bert", arguments={"vocab_size": 3}, tokenizer=TOKENIZER, tokens=TOKENS, window=24)


def test_what_is_no_encoder_is_told() -> None:
    with pytest.raises(ModelError, match="no encoders of texts"):
        fresh_encoder("resnet18", arguments={}, tokenizer=TOKENIZER, tokens=TOKENS, window=24)
