"""A text encoder of transformers as a backbone: tokens in, the pooled features of one layer or several out."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModel
from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES

from headstart.core.card import Architecture, ModelCard
from headstart.core.errors import ModelError
from headstart.models.backbone import Backbone, Features
from headstart.models.plausible import bounded
from headstart.models.texts.pooling import POOLINGS, weighted_mean
from headstart.models.texts.tokenizer import FILE, Tokenizer, parse_tokenizer
from headstart.models.transformers.config import config_of, described, remote_code, written_out
from headstart.models.transformers.library import fresh, loaded

MOST_STAGES = 6
"""Layers that stand side by side at most: for networks of twelve layers every other one."""
LOWEST_STAGE = 1 / 3
"""Of the depth: below it layers hold little more than the words themselves. IMDb, 600 texts: 76.0 % with the last layer
alone, 79.9 % with layers 2 to 6 of 6 side by side."""
WINDOWS_AT_ONCE = 64


class TextBackbone(Backbone):
    """An encoder whose windows are averaged, each weighing as many tokens as it has."""

    def __init__(
        self, body: nn.Module, *, card: ModelCard, architecture: Architecture, tokenizer: Tokenizer | None
    ) -> None:
        super().__init__()
        self.body, self.card, self.architecture = body, card, architecture
        self.width = int(body.config.hidden_size)  # type: ignore[union-attr, arg-type]
        self.layers = stage_layers(int(body.config.num_hidden_layers))  # type: ignore[union-attr, arg-type]
        self.stage_width = self.width * len(self.layers)
        self._tokenizer = tokenizer
        self._pool = POOLINGS[str(architecture.arguments["pooling"])]
        self._typed = "token_type_ids" in inspect.signature(body.forward).parameters

    @property
    def tokenizer(self) -> Tokenizer:
        """What makes its inputs. Raises `ModelError` for a network that was built without one."""
        if self._tokenizer is None:
            raise ModelError(f"{self.card.id} has no tokenizer: the {FILE} of its folder or run is missing.")
        return self._tokenizer

    def forward(self, inputs: Tensor) -> Features:
        """Pooled features of (N, W, 2, T) windows."""
        return Features(pooled=self._averaged(inputs, (self.layers[-1],)))

    def forward_stages(self, inputs: Tensor) -> Features:
        """Those of several layers side by side, the pooled ones last."""
        stages = self._averaged(inputs, self.layers)
        return Features(pooled=stages[:, -self.width :], stages=stages)

    def forward_tokens(self, inputs: Tensor) -> Features:
        """The last layer's features of every token; 0 where there is none."""
        there = inputs[:, :, 0, 0] >= 0  # (N, W)
        windows = inputs[there]
        mask = windows[:, 0] >= 0
        options = {"token_type_ids": windows[:, 1].clamp_min(0)} if self._typed else {}
        found = self.body(input_ids=windows[:, 0].clamp_min(0), attention_mask=mask.long(), **options)
        states = found.last_hidden_state * mask[:, :, None]
        tokens = states.new_zeros((*there.shape, *states.shape[1:]))
        tokens[there] = states
        return Features(tokens=tokens)

    def layer_groups(self) -> Sequence[tuple[str, ...]]:
        """The embeddings, then each layer; what stands outside layers above them belongs to the last."""
        groups: dict[int, list[str]] = {}
        place = 0
        for name, _ in self.named_parameters():
            numbers = [int(word) for word in name.split(".") if word.isdigit()]
            place = numbers[0] + 1 if numbers else place
            groups.setdefault(place, []).append(name)
        return [tuple(groups[place]) for place in sorted(groups)]

    def companions(self) -> dict[str, bytes]:
        """The tokenizer."""
        return {FILE: self.tokenizer.text.encode()}

    def take_companions(self, files: Mapping[str, bytes]) -> None:
        """Take the tokenizer back. Raises `ModelError` where it is missing or damaged."""
        if FILE not in files:
            raise ModelError(f"{self.card.id} cannot be used without its {FILE}, which is missing.")
        try:
            text = files[FILE].decode()
        except UnicodeDecodeError as error:
            raise ModelError(f"The {FILE} of {self.card.id} is damaged: it is not UTF-8 text.") from error
        self._tokenizer = parse_tokenizer(text, place=self.card.id)

    def _averaged(self, inputs: Tensor, layers: Sequence[int]) -> Tensor:
        """(N, D * len(layers)): the windows of each text, averaged."""
        there = inputs[:, :, 0, 0] >= 0  # (N, W)
        windows = inputs[there]
        lengths = (windows[:, 0] >= 0).sum(dim=1)
        size = len(windows) if torch.is_grad_enabled() else WINDOWS_AT_ONCE
        parts = [self._pooled(part, layers) for part in torch.split(windows, size)]
        if inputs.shape[1] == 1:
            return torch.cat(parts)
        owners = there.nonzero()[:, 0]
        return weighted_mean(torch.cat(parts), lengths, owners, items=len(inputs))

    def _pooled(self, windows: Tensor, layers: Sequence[int]) -> Tensor:
        """(M, D * len(layers)) of windows (M, 2, T), cut down to the longest that is there."""
        mask = windows[:, 0] >= 0
        longest = int(mask.sum(dim=1).max())
        mask = mask[:, :longest]
        ids, types = (windows[:, row, :longest].clamp_min(0) for row in (0, 1))
        options = {"token_type_ids": types} if self._typed else {}
        several = len(layers) > 1
        found = self.body(input_ids=ids, attention_mask=mask.long(), output_hidden_states=several, **options)
        states = [found.last_hidden_state]
        if several:
            states = [found.hidden_states[layer] for layer in layers[:-1]] + states
        return torch.cat([self._pool(state.float(), mask) for state in states], dim=1)


def stage_layers(depth: int) -> tuple[int, ...]:
    """Which layers (1 to `depth`) stand side by side: the upper two thirds, at most six of them, the last always."""
    lowest = max(round(LOWEST_STAGE * depth), 1)
    span = depth - lowest
    number = min(MOST_STAGES, span + 1)
    if number <= 1:
        return (depth,)
    return tuple(lowest + round(span * place / (number - 1)) for place in range(number))


def text_architecture(config: Mapping[str, Any], *, pooling: str) -> Architecture:
    """The description that builds an encoder again. Raises `ModelError` for what is no encoder of texts."""
    kept = described(config)
    kind = kept.get("model_type")
    problems = remote_code(kept)
    if kind not in MODEL_FOR_MASKED_LM_MAPPING_NAMES or kept.get("is_encoder_decoder"):
        problems.insert(0, f"Models of type '{kind}' are no encoders of texts that transformers knows.")
    if problems:
        raise ModelError(problems)
    return Architecture(source="hf", name=str(kind), arguments={"config": written_out(kept), "pooling": pooling})


def create_encoder(architecture: Architecture) -> nn.Module:
    """The encoder with a fresh initialisation, without a pooler. Raises `ModelError` where it cannot be built."""
    config = architecture.arguments["config"]
    return fresh(AutoModel, config, name=architecture.name, **_without_pooler(architecture))


def load_encoder(architecture: Architecture, folder: Path, *, model: str) -> nn.Module:
    """The encoder with a folder's weights, in float32. Raises `ModelError` where they do not fit, or hold code."""
    config = architecture.arguments["config"]
    return loaded(AutoModel, config, folder, model=model, **_without_pooler(architecture))[0]


def keep_layers(network: nn.Module, layers: int, *, model: str) -> None:
    """Take the upper layers off an encoder, in place. Raises `ModelError` where its layers are not in one list."""
    stack = getattr(getattr(network, "encoder", None), "layer", None)
    if not isinstance(stack, nn.ModuleList) or len(stack) < layers:
        raise ModelError(f"{model} has no list of at least {layers} layers that could be cut.")
    del stack[layers:]
    network.config.num_hidden_layers = layers  # type: ignore[union-attr]


def count_weights(architecture: Architecture) -> int:
    """The number of weights, of a network that is laid out and never filled."""
    return _count(architecture.model_dump_json())


@lru_cache(maxsize=256)
def _count(architecture: str) -> int:
    with torch.device("meta"), bounded():
        network = create_encoder(Architecture.model_validate_json(architecture))
    return sum(parameter.numel() for parameter in network.parameters())


def _without_pooler(architecture: Architecture) -> dict[str, Any]:
    """Poolers on the first token are trained for other things, and not used."""
    config = config_of(architecture.arguments["config"])
    kind: Any = AutoModel._model_mapping[type(config)]
    return {"add_pooling_layer": False} if "add_pooling_layer" in inspect.signature(kind).parameters else {}
