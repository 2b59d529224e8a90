"""Named-entity recognition: every word of a text has a tag, and entities are made of the words.

A word is judged by its first token. The tags are the best sequence in which every entity that goes on has begun.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from headstart.core.evaluation import Evaluation
from headstart.core.prediction import Prediction
from headstart.core.rows import Rows
from headstart.core.tags import spans_of
from headstart.data.alignment import NO_TOKEN, first_tokens, tags_of_words, units_of
from headstart.data.text import joined, text_of
from headstart.data.words import words_of
from headstart.metrics.entities import entity_counts, entity_f1, measure_entities
from headstart.metrics.tag_decoding import best_tags, span_probabilities
from headstart.models.backbone import Backbone, Features

TIE = 1e-6
"""How much the likelihood of a word's tag counts beside F1."""
PROBED = 30
"""Rows that a text gives at most for scores."""
IGNORED = -100
"""The tag of tokens that speak for no word."""


class TokenLinear(nn.Module):
    """A linear layer on the features of every token."""

    needs = "tokens"

    def __init__(self, width: int, labels: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, 1 + 2 * labels)

    def forward(self, features: Features) -> Tensor:
        """Logits (N, W, T, 1 + 2C) of the tags of T tokens in W windows."""
        if features.tokens is None:
            raise ValueError("the backbone gives no features of tokens")
        logits: Tensor = self.linear(features.tokens)
        return logits


@dataclass(frozen=True)
class TokenAnswer:
    """Of every token its place (T, 2) in the text, and the logarithm of the probability of each tag (T, 1 + 2C)."""

    places: npt.NDArray[np.int32]
    scores: npt.NDArray[np.float32]


class TokenClassification:
    """Cross-entropy over the tags of words. A target of the loss is a window's tags (T,), and a weight."""

    name = "token-classification"
    item_metric = "entity F1 of a text"
    needs: Literal["tokens"] = "tokens"

    def __init__(self, *, multi_label: bool = False) -> None:
        del multi_label

    def head(self, backbone: Backbone, labels: int) -> nn.Module:
        """A linear layer with torch's initialisation."""
        return TokenLinear(backbone.width, labels)

    def loss(
        self,
        outputs: Tensor,
        targets: Sequence[tuple[Tensor, Tensor]],
        *,
        class_weights: Tensor | None = None,
        label_smoothing: float = 0.0,
    ) -> Tensor:
        """The mean over the items of each one's weight times the sum over its words.

        The weight is one through the mean number of words an item: then every word counts alike, and parts of a batch
        add up to the batch. `class_weights` (C,) are those of the labels, of words in entities.
        """
        windows = outputs.flatten(0, 1)
        tags = nn.utils.rnn.pad_sequence([tags for tags, _ in targets], batch_first=True, padding_value=IGNORED)
        weights = torch.stack([weight for _, weight in targets])
        each = None
        if class_weights is not None:
            each = torch.cat([class_weights.new_ones(1), class_weights.repeat_interleave(2)])
        losses = nn.functional.cross_entropy(
            windows[:, : tags.shape[1]].transpose(1, 2),
            tags,
            weight=each,
            ignore_index=IGNORED,
            label_smoothing=label_smoothing,
            reduction="none",
        )
        return (losses.sum(dim=1) * weights).mean()

    def decode(self, outputs: Tensor, items: Sequence[Any]) -> list[TokenAnswer]:
        """The scores of all tokens of each text, each by the window that decides of it."""
        scores = torch.log_softmax(outputs.float(), dim=-1).cpu().numpy()
        answers = []
        for own, windows in zip(scores, items, strict=True):
            places = [window.places[window.kept] for window in windows]
            rows = [row[: len(window.kept)][window.kept] for row, window in zip(own, windows, strict=False)]
            answers.append(TokenAnswer(np.concatenate(places), np.concatenate(rows)))
        return answers

    def score(self, answers: Sequence[TokenAnswer], targets: npt.NDArray[Any], *, labels: int, metric: str) -> float:
        """F1 over all entities; between equal ones (as at the beginning, where none is found) likelihood decides."""
        del metric
        losses = [_log_loss(answer, target) for answer, target in zip(answers, targets, strict=True)]
        loss = float(np.sum(losses)) / max(sum(map(len, targets)), 1)
        return (1 - TIE) * entity_f1(_counts(answers, targets, labels)) + TIE * float(np.exp(-loss))

    def measure(
        self, answers: Sequence[TokenAnswer], targets: npt.NDArray[Any], *, labels: Sequence[str], part: str
    ) -> Evaluation:
        """F1, precision and recall over all entities and by label."""
        return measure_entities(_counts(answers, targets, len(labels)), labels, part=part)

    def prediction(
        self, name: str, answer: TokenAnswer, raw: Any, *, labels: Sequence[str], threshold: float | None
    ) -> Prediction:
        """Entities in the order of the text, with the characters that they are made of."""
        text = joined(text_of(raw))
        words = words_of(text)
        units, of = units_of(words, answer.places)
        tags = best_tags(answer.scores[units])
        spans = spans_of(tags)
        sure = span_probabilities(answer.scores[units], spans)
        findings = []
        for (first, end, label), probability in zip(spans, sure, strict=True):
            own = np.flatnonzero((of >= first) & (of < end))
            start, stop = int(words[own[0], 0]), int(words[own[-1], 1])
            if threshold is None or probability >= threshold:
                findings.append(
                    {
                        "entity_group": labels[label],
                        "score": float(probability),
                        "word": text[start:stop],
                        "start": start,
                        "end": stop,
                    }
                )
        return Prediction(name, findings=tuple(findings))

    def item_scores(
        self, answers: Sequence[TokenAnswer], targets: npt.NDArray[Any], *, labels: int
    ) -> npt.NDArray[np.float64]:
        """F1 of each text's entities."""
        right, found, true = _counts(answers, targets, labels).sum(axis=2).T
        return np.where(found + true == 0, 1.0, 2 * right / np.maximum(found + true, 1))

    def probe(self, features: Features, items: Sequence[Any], targets: npt.NDArray[Any], *, labels: int) -> Rows:
        """Words, of a long text some drawn at random; class 0 is no entity."""
        del labels
        if features.tokens is None:
            raise ValueError("the backbone gives no features of tokens")
        rows, classes, groups = [], [], []
        for place, (windows, target) in enumerate(zip(items, targets, strict=True)):
            own = features.tokens[place].float().cpu().numpy()
            kept = [row[: len(window.kept)][window.kept] for row, window in zip(own, windows, strict=False)]
            tokens = first_tokens(target.words, np.concatenate([window.places[window.kept] for window in windows]))
            random = np.random.default_rng(int.from_bytes(target.digest(), "little"))
            chosen = np.sort(random.permutation(len(target))[:PROBED])
            there = tokens[chosen] != NO_TOKEN
            found = np.zeros((len(chosen), own.shape[-1]), np.float32)
            found[there] = np.concatenate(kept)[tokens[chosen[there]]]
            rows.append(found)
            classes.append((target.tags[chosen] + 1) // 2)
            groups.append(np.full(len(chosen), place))
        return Rows(x=np.concatenate(rows), y=np.concatenate(classes).astype(np.int64), groups=np.concatenate(groups))


def _counts(answers: Sequence[TokenAnswer], targets: npt.NDArray[Any], labels: int) -> npt.NDArray[np.int64]:
    """int64 (N, 3, C): see `metrics.entities`."""
    said = []
    for answer, target in zip(answers, targets, strict=True):
        units, of = units_of(target.words, answer.places)
        said.append(tags_of_words(best_tags(answer.scores[units]), of))
    return entity_counts(said, [target.tags for target in targets], labels=labels)


def _log_loss(answer: TokenAnswer, target: Any) -> float:
    """The sum over the words that tokens speak for."""
    tokens = first_tokens(target.words, answer.places)
    there = tokens != NO_TOKEN
    return float(-answer.scores[tokens[there], target.tags[there]].sum())
