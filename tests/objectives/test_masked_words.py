"""The head and the loss of filling in words, against transformers' own and a slow loop."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from headstart.models.backbone import Features
from headstart.objectives.masked_words import MaskedModel, MaskedWords


def test_the_loss_is_the_mean_over_the_tokens_that_were_asked_for() -> None:
    logits, targets = torch.randn(2, 3, 7), torch.randint(7, (2, 3))
    slow = [-torch.log_softmax(logits[n, k], 0)[targets[n, k]] for n in range(2) for k in range(3)]
    assert MaskedWords().loss(logits, targets) == pytest.approx(float(torch.stack(slow).mean()), rel=1e-5)
    assert torch.allclose(MaskedWords().decode(logits).sum(-1), torch.ones(2, 3))


def test_only_what_is_asked_for_goes_through_the_head() -> None:
    table = nn.Embedding(7, 4)

    class Body(nn.Module):
        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> SimpleNamespace:
            assert bool(attention_mask.all())
            return SimpleNamespace(last_hidden_state=table(input_ids))

        def get_input_embeddings(self) -> nn.Embedding:
            return table

    backbone: Any = nn.Module()
    backbone.body, backbone.width = Body(), 4
    model = MaskedModel(backbone, MaskedWords().linear_head(4, 7))
    inputs = torch.tensor([[[2, 5, 6, 3], [0, 1, 0, 1]], [[2, 4, 4, 3], [1, 0, 1, 0]]])
    found = model(inputs)
    states = torch.stack([table(torch.tensor([5, 3])), table(torch.tensor([2, 4]))])
    assert torch.allclose(found, model.head(states, table.weight))


def test_there_is_nothing_to_probe() -> None:
    with pytest.raises(ValueError, match="no labels"):
        MaskedWords().probe(Features(), SimpleNamespace(source="texts"))  # type: ignore[arg-type]
