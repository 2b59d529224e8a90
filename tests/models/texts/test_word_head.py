"""The layer that guesses words, against transformers' own."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from headstart.core.errors import ModelError
from headstart.models.texts.network import text_architecture
from headstart.models.texts.word_head import WordHead, head_form

SMALL = {"vocab_size": 50, "hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 32, "pad_token_id": 0}


def test_the_head_is_that_of_transformers() -> None:
    from transformers import BertConfig
    from transformers.models.bert.modeling_bert import BertLMPredictionHead

    torch.manual_seed(0)
    theirs: Any = BertLMPredictionHead(BertConfig(hidden_size=8, vocab_size=11))
    ours = WordHead(8, 11)
    nn.init.normal_(ours.bias)
    weights = {name.removeprefix("cls.predictions."): value for name, value in ours.named_weights().items()}
    theirs.load_state_dict({**weights, "decoder.weight": (table := torch.randn(11, 8))}, strict=False)
    theirs.decoder.bias = theirs.bias
    states = torch.randn(3, 5, 8)
    assert torch.allclose(ours(states, table), theirs(states), atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "dense", "biased"),
    [
        ("bert", "cls.predictions.transform.dense", True),
        ("distilbert", "vocab_transform", True),
        ("modernbert", "head.dense", False),
        ("roberta", "lm_head.dense", True),
        ("xlm-roberta", "lm_head.dense", True),
        ("roformer", "cls.predictions.transform.dense", True),
    ],
)
def test_the_form_is_read_off_the_type(kind: str, dense: str, biased: bool) -> None:
    form = head_form(text_architecture({"model_type": kind, **SMALL}, pooling="mean"))
    assert (form.dense, form.dense_bias) == (dense, biased)
    head = WordHead(16, 50, form)
    assert {f"{dense}.weight", form.bias} <= head.named_weights().keys()
    assert (f"{dense}.bias" in head.named_weights()) is biased


@pytest.mark.parametrize("kind", ["electra", "albert", "convbert"])
def test_a_type_whose_layer_for_words_is_another_is_refused(kind: str) -> None:
    with pytest.raises(ModelError, match="guesses words cannot be trained here"):
        head_form(text_architecture({"model_type": kind, **SMALL}, pooling="mean"))
