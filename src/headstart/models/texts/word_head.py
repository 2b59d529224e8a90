"""The layer that guesses words from an encoder's states, in the form that transformers' own network of its type has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModelForMaskedLM

from headstart.core.card import Architecture
from headstart.core.errors import ModelError
from headstart.models.plausible import bounded
from headstart.models.transformers.config import config_of

HINT = "Types with such a layer are bert, modernbert, roberta and distilbert."


@dataclass(frozen=True)
class HeadForm:
    """What a type calls the parts of its layer, and which of them it has.

    `dense` and `norm` are the places of modules, `bias` that of what is added to the logits.
    """

    dense: str = "cls.predictions.transform.dense"
    norm: str = "cls.predictions.transform.LayerNorm"
    bias: str = "cls.predictions.bias"
    dense_bias: bool = True
    norm_bias: bool = True
    epsilon: float = 1e-12


BERT = HeadForm()


class WordHead(nn.Module):
    """A dense layer, GELU and a norm before the last matrix, which is that of the embeddings (Devlin et al. 2019)."""

    def __init__(self, width: int, tokens: int, form: HeadForm = BERT) -> None:
        super().__init__()
        self.form = form
        self.dense = nn.Linear(width, width, bias=form.dense_bias)
        self.norm = nn.LayerNorm(width, eps=form.epsilon, bias=form.norm_bias)
        self.bias = nn.Parameter(torch.zeros(tokens))

    def forward(self, states: Tensor, embeddings: Tensor) -> Tensor:
        """Logits (..., V) from states (..., D) and embeddings (V, D)."""
        return functional.linear(self.norm(functional.gelu(self.dense(states))), embeddings, self.bias)

    def named_weights(self) -> dict[str, Tensor]:
        """As transformers calls them in a whole network."""
        form = self.form
        parts = {form.dense: self.dense, form.norm: self.norm}
        found = {f"{place}.{name}": value for place, part in parts.items() for name, value in part.named_parameters()}
        return {**found, form.bias: self.bias}


def head_form(architecture: Architecture) -> HeadForm:
    """The form that the type of an encoder asks for. Raises `ModelError` for types whose layer is of another kind."""
    config = config_of(architecture.arguments["config"])
    try:
        with torch.device("meta"), bounded():
            network: Any = AutoModelForMaskedLM.from_config(config, trust_remote_code=False)
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"transformers has no '{architecture.name}' that guesses words.", hint=HINT) from error
    prefix, tied = f"{network.base_model_prefix}.", network.get_input_embeddings().weight
    modules = dict(network.named_modules())
    found: dict[str, Any] = {}
    left: list[str] = []
    for name, value in network.named_parameters():
        place, _, part = name.rpartition(".")
        module = modules[place]
        if name.startswith(prefix) or value is tied:
            continue
        if tuple(value.shape) == (config.vocab_size,) and part == "bias":
            found["bias"] = name
        elif isinstance(module, nn.LayerNorm):
            found |= {"norm": place, "norm_bias": module.bias is not None, "epsilon": module.eps}
        elif isinstance(module, nn.Linear) and module.weight.shape[0] == module.weight.shape[1]:
            found |= {"dense": place, "dense_bias": module.bias is not None}
        else:
            left.append(name)
    if left or not {"dense", "norm", "bias"} <= found.keys():
        raise ModelError(f"The layer of a '{architecture.name}' that guesses words cannot be trained here.", hint=HINT)
    return HeadForm(**found)
