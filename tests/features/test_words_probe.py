from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from headstart.core.strategy import Goal
from headstart.features.words import terms_of, tf_idf, vocabulary_of
from headstart.features.words_probe import STRENGTHS, Wanted, fit_words, solve
from headstart.models.backbone import Features
from tests.encoders import sentences

TEXTS, LABELS = sentences(60)
TARGETS = np.array([label == "good" for label in LABELS], np.int32)
FOLDS = np.arange(60) % 5


@torch.inference_mode()
def test_words_that_tell_are_found_and_said_of_unseen_texts() -> None:
    found = fit_words(TEXTS, Wanted(TARGETS, 2), folds=FOLDS, goal=Goal())
    assert found.strength in STRENGTHS
    assert (found.out_of_fold.argmax(axis=1) == TARGETS).mean() > 0.9
    np.testing.assert_allclose(found.out_of_fold.sum(axis=1), 1, rtol=1e-5)
    logits = found.head(Features(pooled=found.head.rows(["the film was great", "the film was poor"])))
    assert logits.argmax(dim=1).tolist() == [1, 0]
    chosen = found.out_of_fold[np.arange(60), TARGETS]
    assert found.log_loss == pytest.approx(-np.log(chosen).mean(), rel=1e-4)


def test_held_out_texts_have_no_part_in_what_is_said_of_them() -> None:
    """A word that only one fold has is known to no bag of words that speaks of this fold."""
    texts = [
        f"{text} mark{label}" if fold == 0 else text for text, label, fold in zip(TEXTS, LABELS, FOLDS, strict=True)
    ]
    noise = np.random.default_rng(0).permutation(TARGETS).astype(np.int32)
    noise[FOLDS == 0] = TARGETS[FOLDS == 0]
    plain = fit_words(TEXTS, Wanted(noise, 2), folds=FOLDS, goal=Goal())
    marked = fit_words(texts, Wanted(noise, 2), folds=FOLDS, goal=Goal())
    assert plain.strength == marked.strength
    assert "markgood" in marked.head.terms
    assert "markgood" not in terms_of(TEXTS[0])


@pytest.mark.parametrize("labels", [2, 4])
def test_weights_are_those_of_scikit_learn(labels: int) -> None:
    targets = np.arange(60, dtype=np.int32) % labels
    terms, idf = vocabulary_of(TEXTS)
    matrix = tf_idf(TEXTS, {term: place for place, term in enumerate(terms)}, idf)
    weight, bias = solve(matrix, Wanted(targets, labels), strength=4.0)
    logits = matrix @ weight.T + bias
    ours = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    theirs = LogisticRegression(C=4.0, max_iter=1000).fit(matrix, targets).predict_proba(matrix)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_labels_that_do_not_occur_are_never_said() -> None:
    terms, idf = vocabulary_of(TEXTS)
    matrix = tf_idf(TEXTS, {term: place for place, term in enumerate(terms)}, idf)
    weight, bias = solve(matrix, Wanted(TARGETS * 2, 3), strength=1.0)
    assert (matrix @ weight.T + bias)[:, 1].max() == -30
    several = np.stack([TARGETS, np.ones(60), np.zeros(60)], axis=1).astype(np.uint8)
    weight, bias = solve(matrix, Wanted(several, 3), strength=1.0)
    logits = matrix @ weight.T + bias
    assert (logits[:, 1] == 30).all()
    assert (logits[:, 2] == -30).all()
    assert ((logits[:, 0] > 0) == (TARGETS == 1)).all()


def test_several_labels() -> None:
    several = np.stack([TARGETS, 1 - TARGETS], axis=1).astype(np.uint8)
    found = fit_words(TEXTS, Wanted(several, 2), folds=FOLDS, goal=Goal(metric="log_loss"))
    assert ((found.out_of_fold > 0.5) == several).mean() > 0.9
