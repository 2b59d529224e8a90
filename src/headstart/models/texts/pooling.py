"""From the states of a window's tokens to one row of features, as the encoder was trained to be pooled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from headstart.models.files.folder import read_config

FILE = "1_Pooling/config.json"
SAID = {"pooling_mode_cls_token": "first", "pooling_mode_mean_tokens": "mean", "pooling_mode_max_tokens": "max"}
WORDS = {"cls": "first", "mean": "mean", "max": "max"}


def mean(states: Tensor, mask: Tensor) -> Tensor:
    """(M, D): the mean over the tokens that are there, of states (M, T, D) and a mask (M, T)."""
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(dim=1) / weights.sum(dim=1).clamp_min(1)


def first(states: Tensor, mask: Tensor) -> Tensor:
    """(M, D): the first token's state."""
    del mask
    return states[:, 0]


def largest(states: Tensor, mask: Tensor) -> Tensor:
    """(M, D): the largest over the tokens that are there."""
    return states.masked_fill(~mask.unsqueeze(-1), torch.finfo(states.dtype).min).amax(dim=1)


POOLINGS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"mean": mean, "first": first, "max": largest}


def pooling_of(folder: Path) -> tuple[str, str]:
    """The pooling that a model's folder asks for, the mean where it does not say, and a note for its card."""
    if not (folder / FILE).is_file():
        return "mean", ""
    asked = _asked(read_config(folder, FILE))
    if len(asked) == 1 and asked[0] in POOLINGS:
        return asked[0], ""
    return "mean", f"It asks for the pooling {' and '.join(asked) or 'of no kind'}; the mean is taken instead."


def _asked(config: Mapping[str, Any]) -> list[str]:
    """What is switched on; newer files name it by a word."""
    word = config.get("pooling_mode")
    if isinstance(word, str):
        return [WORDS.get(word, word)]
    return [
        SAID.get(name, name) for name, value in config.items() if name.startswith("pooling_mode_") and value is True
    ]


def weighted_mean(rows: Tensor, weights: Tensor, owners: Tensor, *, items: int) -> Tensor:
    """(N, D): of rows (M, D) the mean for each of N owners (M,), weighted."""
    share = weights.to(rows.dtype).unsqueeze(1)
    total = torch.zeros(items, 1, dtype=rows.dtype, device=rows.device).index_add(0, owners, share)
    summed = torch.zeros(items, rows.shape[1], dtype=rows.dtype, device=rows.device).index_add(0, owners, rows * share)
    return summed / total.clamp_min(1)
