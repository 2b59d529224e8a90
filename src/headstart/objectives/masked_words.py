"""Guessing the tokens that were left out of a text (Devlin et al. 2019), which no labels are needed for."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from headstart.core.dataset import Dataset
from headstart.core.rows import Rows
from headstart.models.backbone import Backbone, Features
from headstart.models.texts.network import TextBackbone
from headstart.models.texts.word_head import WordHead, head_form
from headstart.tasks.task import Model


class MaskedModel(Model):
    """An encoder that is asked for K tokens of each of N windows of T: inputs (N, 2, T) are ids, and 1 where to guess.

    Only the states of what is asked for go through the head: they are few, and the vocabulary is large.
    """

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits (N, K, V)."""
        body = cast(TextBackbone, self.backbone).body
        states = body(input_ids=inputs[:, 0], attention_mask=torch.ones_like(inputs[:, 0])).last_hidden_state
        asked = states[inputs[:, 1].bool()].view(len(inputs), -1, states.shape[-1])
        embeddings = cast(nn.Embedding, body.get_input_embeddings()).weight  # type: ignore[operator]
        logits: Tensor = self.head(asked, embeddings)
        return logits


class MaskedWords:
    """Cross-entropy over the tokens that were left out."""

    name = "masked-language-model"

    def head(self, backbone: Backbone, labels: int) -> nn.Module:
        """A fresh head for so many tokens, in the form of the encoder's type; raises `ModelError` where it has none."""
        return WordHead(backbone.width, labels, head_form(cast(TextBackbone, backbone).architecture))

    def linear_head(self, width: int, labels: int) -> nn.Module:
        """A fresh head in BERT's form on states of so many features."""
        return WordHead(width, labels)

    def loss(
        self, logits: Tensor, targets: Tensor, *, class_weights: Tensor | None = None, label_smoothing: float = 0.0
    ) -> Tensor:
        """The mean over (N, K) tokens of logits (N, K, V)."""
        return functional.cross_entropy(
            logits.flatten(0, 1), targets.flatten(), weight=class_weights, label_smoothing=label_smoothing
        )

    def decode(self, logits: Tensor) -> Tensor:
        """Probabilities over the tokens."""
        return torch.softmax(logits.float(), dim=-1)

    def probe(self, features: Features, dataset: Dataset) -> Rows:
        """Nothing is probed: there are no labels."""
        del features
        raise ValueError(f"{dataset.source} has no labels to probe")
