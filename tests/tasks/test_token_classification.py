from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from headstart.core.targets import Entities, column_of
from headstart.features.tokens import TokenWindow
from headstart.models.backbone import Features
from headstart.tasks.token_classification import IGNORED, TokenAnswer, TokenClassification, TokenLinear

TASK = TokenClassification()
TEXT = "Ada saw Rome"
PLACES = np.array([[0, 3], [4, 7], [8, 12]], np.int32)


def scores(*tags: int, sure: float = 0.9) -> np.ndarray:
    found = np.full((len(tags), 5), (1 - sure) / 4, np.float32)
    found[np.arange(len(tags)), tags] = sure
    return np.log(found)


def test_the_head_takes_tokens() -> None:
    head = TASK.head(SimpleNamespace(width=4), 2)
    assert isinstance(head, TokenLinear)
    assert head.needs == TASK.needs
    assert head(Features(tokens=torch.zeros(2, 3, 5, 4))).shape == (2, 3, 5, 5)
    with pytest.raises(ValueError, match="no features of tokens"):
        head(Features(pooled=torch.zeros(2, 4)))


def test_the_loss_is_that_of_words_and_parts_add_up() -> None:
    torch.manual_seed(0)
    logits = torch.randn(3, 1, 4, 5)
    tags = [torch.tensor([IGNORED, 1, 2, IGNORED]), torch.tensor([0, IGNORED]), torch.tensor([IGNORED, 3, 0])]
    targets = [(one, torch.tensor(3 / 5)) for one in tags]
    words = [(0, 1, 1), (0, 2, 2), (1, 0, 0), (2, 1, 3), (2, 2, 0)]
    due = [-torch.log_softmax(logits[item, 0, token], 0)[tag] for item, token, tag in words]
    whole = TASK.loss(logits, targets)
    assert float(whole) == pytest.approx(float(torch.stack(due).mean()), rel=1e-6)
    parts = 2 / 3 * TASK.loss(logits[:2], targets[:2]) + 1 / 3 * TASK.loss(logits[2:], targets[2:])
    assert float(parts) == pytest.approx(float(whole), rel=1e-6)
    weighted = TASK.loss(logits, targets, class_weights=torch.tensor([2.0, 3.0]))
    factors = torch.tensor([2.0, 2.0, 1.0, 3.0, 1.0])
    assert float(weighted) == pytest.approx(float((torch.stack(due) * factors).mean()), rel=1e-6)


def test_each_token_is_decoded_by_its_window() -> None:
    outputs = torch.zeros(1, 2, 3, 5)
    outputs[0, 0, 1, 2], outputs[0, 1, 1, 4] = 9.0, 9.0
    first = TokenWindow(
        np.zeros((2, 3), np.int32), np.array([[-1, -1], [0, 1], [1, 2]], np.int32), np.array([0, 1, 0], bool)
    )
    second = TokenWindow(np.zeros((2, 2), np.int32), np.array([[-1, -1], [1, 2]], np.int32), np.array([0, 1], bool))
    (answer,) = TASK.decode(outputs, [[first, second]])
    assert answer.places.tolist() == [[0, 1], [1, 2]]
    assert answer.scores.argmax(axis=1).tolist() == [2, 4]
    np.testing.assert_allclose(np.exp(answer.scores).sum(axis=1), 1, rtol=1e-6)


def test_numbers_of_answers() -> None:
    targets = column_of([Entities(PLACES, np.array(tags, np.int32)) for tags in ([1, 0, 3], [0, 0, 0])])
    answers = [TokenAnswer(PLACES, scores(1, 0, 0)), TokenAnswer(PLACES, scores(0, 0, 0))]
    assert TASK.score(answers, targets, labels=2, metric="entity_f1") == pytest.approx(2 / 3, abs=2e-6)
    surer = [answers[0], TokenAnswer(PLACES, scores(0, 0, 0, sure=0.99))]
    assert TASK.score(surer, targets, labels=2, metric="") > TASK.score(answers, targets, labels=2, metric="")
    measured = TASK.measure(answers, targets, labels=("PER", "LOC"), part="test")
    assert measured.metrics["entity_precision"] == 1
    assert measured.metrics["entity_recall"] == 0.5
    assert TASK.item_scores(answers, targets, labels=2).tolist() == [pytest.approx(2 / 3), 1]


def test_entities_as_people_see_them() -> None:
    answer = TokenAnswer(PLACES, scores(1, 0, 4))
    found = TASK.prediction("a", answer, TEXT, labels=("PER", "LOC"), threshold=None)
    assert [(one["entity_group"], one["word"], one["start"], one["end"]) for one in found.findings] == [
        ("PER", "Ada", 0, 3)
    ]
    assert 0.5 < float(found.findings[0]["score"]) <= 1
    assert TASK.prediction("a", answer, TEXT, labels=("PER", "LOC"), threshold=0.999).findings == ()
    nothing = TokenAnswer(np.zeros((0, 2), np.int32), np.zeros((0, 5), np.float32))
    assert TASK.prediction("b", nothing, "\u200b", labels=("PER", "LOC"), threshold=None).findings == ()


def test_rows_for_scores_are_words() -> None:
    window = TokenWindow(
        np.zeros((2, 4), np.int32),
        np.array([[-1, -1], [0, 3], [8, 12], [-1, -1]], np.int32),
        np.array([0, 1, 1, 0], bool),
    )
    tokens = torch.arange(8.0).reshape(1, 1, 4, 2)
    targets = column_of([Entities(PLACES, np.array([1, 0, 3], np.int32))])
    rows = TASK.probe(Features(tokens=tokens), [[window]], targets, labels=2)
    assert rows.y.tolist() == [1, 0, 2]
    assert rows.x.tolist() == [[2, 3], [0, 0], [4, 5]]  # no token speaks for `saw`
    assert rows.groups is not None
    assert rows.groups.tolist() == [0, 0, 0]
    long = Entities(np.stack([np.arange(50), np.arange(1, 51)], axis=1).astype(np.int32), np.zeros(50, np.int32))
    assert len(TASK.probe(Features(tokens=tokens), [[window]], column_of([long]), labels=2).y) == 30
