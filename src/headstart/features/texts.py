"""Texts -> windows of tokens, and batches of windows that are about equally long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from headstart.core.card import ModelInput, TextInput
from headstart.core.dataset import Indices, InputColumn
from headstart.core.ledger import Action, Event
from headstart.data.text import content_hash, text_of
from headstart.models.backbone import Backbone
from headstart.models.texts.tokenizer import Tokenizer, Window

TOGETHER, TOGETHER_ON_ACCELERATOR = 128, 2048
"""Texts that are sorted by length together."""
TOKENS, TOKENS_ON_ACCELERATOR = 1024, 65536
"""Tokens of a batch, padding included: on a processor so few that they stay in its caches."""
READ_TOGETHER = 1024
LOOKED_AT = 200
FATES: dict[str, tuple[Action, str]] = {
    "cut": ("truncated", "cut"),
    "windows": ("noted", "read in windows that are averaged"),
}
"""What becomes of texts that are longer than a window."""
Prepared = list[Window]


@dataclass(frozen=True)
class TextPreparation:
    """Windows by a tokenizer."""

    tokenizer: Tokenizer
    facts: TextInput
    version = 1

    @classmethod
    def of(cls, network: Backbone, facts: ModelInput) -> TextPreparation:
        """That of an encoder, which has the tokenizer."""
        from headstart.models.texts.network import TextBackbone

        if not isinstance(network, TextBackbone) or not isinstance(facts, TextInput):
            raise ValueError(f"{network.card.id} reads no texts, or these are no facts about texts")
        return cls(network.tokenizer, facts)

    def content_hash(self, raw: Any) -> bytes:
        """The hash of the characters."""
        return content_hash(text_of(raw))

    def prepare(self, raws: Sequence[Any]) -> list[Prepared]:
        """The windows of every text, or its first one where long texts are cut."""
        windows = self.tokenizer.windows([text_of(raw) for raw in raws], length=self.facts.length)
        return [each[:1] for each in windows] if self.facts.long_texts == "cut" else windows

    def at_once(self, device: str) -> int:
        """So many that texts of like length come together."""
        return TOGETHER if device == "cpu" else TOGETHER_ON_ACCELERATOR

    def batches(self, prepared: Sequence[Prepared], *, device: str) -> list[Indices]:
        """From short to long, about equally many tokens each."""
        limit = TOKENS if device == "cpu" else TOKENS_ON_ACCELERATOR
        sizes = np.array([size_of(windows) for windows in prepared], np.int64)
        found: list[Indices] = []
        start = 0
        order = np.argsort(sizes, kind="stable").astype(np.int64)
        for end in range(1, len(order) + 1):
            # Sorted, so that the last is the longest, to which all others are padded.
            if end == len(order) or (end + 1 - start) * sizes[order[end]] > limit:
                found.append(order[start:end])
                start = end
        return found

    def collate(self, prepared: Sequence[Prepared], *, device: str) -> Tensor:
        """(N, W, 2, T) int64: ids and types, -1 where there is nothing."""
        return collate_windows(prepared).to(device)

    def trial(self, inputs: InputColumn, *, items: int, device: str) -> Tensor:
        """Of texts from all over the data, one window each: a training step sees one window of a text."""
        places = np.linspace(0, len(inputs) - 1, items).astype(np.int64)
        windows = self.prepare([inputs.read(int(place)) for place in places])
        return self.collate([each[:1] for each in windows], device=device)

    def passes(self, inputs: InputColumn) -> float:
        """The windows of a text, over texts from all over the data."""
        places = np.unique(np.linspace(0, len(inputs) - 1, LOOKED_AT).astype(np.int64))
        return float(np.mean([len(each) for each in self.prepare([inputs.read(int(place)) for place in places])]))

    def losses(self, inputs: InputColumn) -> list[Event]:
        """Texts that are longer than a window: cut, or read in several windows."""
        action, what = FATES[self.facts.long_texts]
        reason = f"longer than {self.facts.length} tokens: {what}"
        events: list[Event] = []
        for start in range(0, len(inputs), READ_TOGETHER):
            chunk = range(start, min(start + READ_TOGETHER, len(inputs)))
            windows = self.tokenizer.windows([text_of(inputs.read(i)) for i in chunk], length=self.facts.length)
            longer = (index for index, several in zip(chunk, windows, strict=True) if len(several) > 1)
            events += [(action, reason, inputs.name(index)) for index in longer]
        return events


def size_of(windows: Prepared) -> int:
    """The tokens of a text's windows, each padded to the first, which is the longest."""
    return len(windows) * int(windows[0].shape[1])


def collate_windows(prepared: Sequence[Prepared]) -> Tensor:
    """(N, W, 2, T) int64 of the windows of N texts."""
    most = max(len(windows) for windows in prepared)
    longest = max(window.shape[1] for windows in prepared for window in windows)
    batch = np.full((len(prepared), most, 2, longest), -1, np.int64)
    for row, windows in enumerate(prepared):
        for place, window in enumerate(windows):
            batch[row, place, :, : window.shape[1]] = window
    return torch.from_numpy(batch)
