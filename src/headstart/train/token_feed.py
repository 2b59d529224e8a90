"""Texts with tagged words as batches of windows of tokens, each with the tags of the words that it decides of."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from headstart.core.dataset import Indices, InputColumn
from headstart.core.errors import DataError
from headstart.core.targets import Entities
from headstart.data.alignment import NO_TOKEN, first_tokens
from headstart.features.texts import collate_windows
from headstart.features.tokens import Tokenized, TokenPreparation
from headstart.models.texts.tokenizer import Window
from headstart.tasks.token_classification import IGNORED
from headstart.train.feed import Batch

READ_TOGETHER = 1024


class TaggedWindow(NamedTuple):
    """`ids` is int32 (2, T), `tags` int64 (T,): of the tokens that speak for a word its tag, else `IGNORED`."""

    ids: Window
    tags: npt.NDArray[np.int64]


class TokenFeed:
    """Every window of every text is an item of its own, so that long texts are seen in whole. Nothing is drawn."""

    def __init__(self, inputs: InputColumn, targets: npt.NDArray[np.object_], preparation: TokenPreparation) -> None:
        """Make all texts into tokens at once. Raises `DataError` naming a text that is unreadable."""
        self._windows = [window for window in tagged_windows(inputs, targets, preparation) if _has_words(window)]
        self.lengths: npt.NDArray[np.int64] | None = np.array([len(each.tags) for each in self._windows], np.int64)
        words = sum(int((window.tags != IGNORED).sum()) for window in self._windows)
        self._weight = torch.tensor(len(self._windows) / max(words, 1))

    def __len__(self) -> int:
        return len(self._windows)

    def batches(self, chunks: Sequence[Indices], *, epoch: int, device: str) -> Generator[Batch]:
        """One batch for each chunk; its targets are pairs of tags (T,) and a weight."""
        del epoch
        for chunk in chunks:
            windows = [self._windows[int(place)] for place in chunk]
            inputs = collate_windows([[window.ids] for window in windows]).to(device)
            weight = self._weight.to(device)
            yield Batch(inputs, tuple((torch.from_numpy(window.tags).to(device), weight) for window in windows))


def tagged_windows(
    inputs: InputColumn, targets: npt.NDArray[np.object_], preparation: TokenPreparation
) -> list[TaggedWindow]:
    """The windows of all texts, in order. Raises `DataError` naming a text that is unreadable."""
    found: list[TaggedWindow] = []
    for start in range(0, len(inputs), READ_TOGETHER):
        chunk = range(start, min(start + READ_TOGETHER, len(inputs)))
        prepared = preparation.prepare([_read(inputs, index) for index in chunk])
        for index, windows in zip(chunk, prepared, strict=True):
            tags = tags_of_tokens(windows, targets[index])
            found += [TaggedWindow(window.ids, own) for window, own in zip(windows, tags, strict=True)]
    return found


def tags_of_tokens(windows: Tokenized, target: Entities) -> list[npt.NDArray[np.int64]]:
    """int64 (T,) for each window: the tags of the tokens that speak for words; of several words the first one's."""
    places = np.concatenate([window.places[window.kept] for window in windows])
    tokens = first_tokens(target.words, places)
    tags = np.full(len(places), IGNORED, np.int64)
    there = np.flatnonzero(tokens != NO_TOKEN)[::-1]  # from the last word on, so that the first one stays
    tags[tokens[there]] = target.tags[there]
    found, start = [], 0
    for window in windows:
        own = np.full(len(window.kept), IGNORED, np.int64)
        count = int(window.kept.sum())
        own[window.kept] = tags[start : start + count]
        start += count
        found.append(own)
    return found


def _has_words(window: TaggedWindow) -> bool:
    return bool((window.tags != IGNORED).any())


def _read(inputs: InputColumn, index: int) -> Any:
    try:
        return inputs.read(index)
    except OSError as error:
        raise DataError(
            f"{inputs.name(index)} cannot be read: {error}.",
            hint="It was readable when the data were scanned: put it back, or load the data again.",
        ) from error
