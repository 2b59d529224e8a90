"""Texts -> overlapping windows of tokens whose places are known: for tasks that say something of each word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from torch import Tensor

from headstart.core.card import ModelInput, TextInput
from headstart.core.dataset import Indices, InputColumn
from headstart.core.ledger import Event
from headstart.data.text import TextError, content_hash, text_of
from headstart.features.texts import READ_TOGETHER, TextPreparation, collate_windows
from headstart.models.backbone import Backbone
from headstart.models.texts.tokenizer import Tokenizer, Window

OVERLAP = 0.25
"""Of a window's tokens, those that it shares with the next: each is judged with context on both of its sides."""
READ_IN_WINDOWS = "longer than {} tokens: read in windows that overlap; every word has a tag"


class TokenWindow(NamedTuple):
    """`ids` is int32 (2, T), `places` int32 (T, 2): where each token's characters are, -1 for special tokens.

    `kept` (T,) says of which tokens this window decides: each token of the text belongs to one window, that in whose
    middle it rather is.
    """

    ids: Window
    places: npt.NDArray[np.int32]
    kept: npt.NDArray[np.bool_]


Tokenized = list[TokenWindow]


@dataclass(frozen=True)
class TokenPreparation:
    """Windows by a tokenizer that knows where its tokens are."""

    tokenizer: Tokenizer
    facts: TextInput
    version = 1

    @classmethod
    def of(cls, network: Backbone, facts: ModelInput) -> TokenPreparation:
        """That of an encoder, which has the tokenizer."""
        texts = TextPreparation.of(network, facts)
        return cls(texts.tokenizer, texts.facts)

    def content_hash(self, raw: Any) -> bytes:
        """The hash of the characters."""
        return content_hash(text_of(raw))

    def prepare(self, raws: Sequence[Any]) -> list[Tokenized]:
        """The windows of every text. Raises `TextError` for a pair: its places would be in neither of the two."""
        texts = [_one_text(raw) for raw in raws]
        overlap = int(OVERLAP * self.facts.length)
        found = self.tokenizer.placed_windows(texts, length=self.facts.length, overlap=overlap)
        return [_shared_out(windows, overlap) for windows in found]

    def at_once(self, device: str) -> int:
        """So many that texts of like length come together."""
        return TextPreparation(self.tokenizer, self.facts).at_once(device)

    def batches(self, prepared: Sequence[Tokenized], *, device: str) -> list[Indices]:
        """From short to long, about equally many tokens each."""
        windows = [[window.ids for window in each] for each in prepared]
        return TextPreparation(self.tokenizer, self.facts).batches(windows, device=device)

    def collate(self, prepared: Sequence[Tokenized], *, device: str) -> Tensor:
        """(N, W, 2, T) int64: ids and types, -1 where there is nothing."""
        return collate_windows([[window.ids for window in each] for each in prepared]).to(device)

    def trial(self, inputs: InputColumn, *, items: int, device: str) -> Tensor:
        """Of texts from all over the data, one window each: training sees windows one by one."""
        return TextPreparation(self.tokenizer, self.facts).trial(inputs, items=items, device=device)

    def passes(self, inputs: InputColumn) -> float:
        """The windows of a text, over texts from all over the data."""
        return TextPreparation(self.tokenizer, self.facts).passes(inputs)

    def losses(self, inputs: InputColumn) -> list[Event]:
        """Texts that are longer than a window: nothing of them is lost, but words far apart do not see each other."""
        reason = READ_IN_WINDOWS.format(self.facts.length)
        events: list[Event] = []
        for start in range(0, len(inputs), READ_TOGETHER):
            chunk = range(start, min(start + READ_TOGETHER, len(inputs)))
            prepared = self.prepare([inputs.read(index) for index in chunk])
            longer = (index for index, several in zip(chunk, prepared, strict=True) if len(several) > 1)
            events += [("noted", reason, inputs.name(index)) for index in longer]
        return events


def _one_text(raw: Any) -> str:
    text = text_of(raw)
    if isinstance(text, str):
        return text
    raise TextError("pair", "a pair of texts, where one text is due")


def _shared_out(windows: list[tuple[Window, npt.NDArray[np.int32]]], overlap: int) -> Tokenized:
    """Every window with the tokens that it decides of: of an overlap, each takes the half that it has more around."""
    found = []
    for number, (ids, places) in enumerate(windows):
        kept = places[:, 0] >= 0
        own = np.flatnonzero(kept)
        if number:
            kept[own[: overlap // 2]] = False
        if number < len(windows) - 1:
            kept[own[len(own) - (overlap - overlap // 2) :]] = False
        found.append(TokenWindow(ids, places, kept))
    return found
