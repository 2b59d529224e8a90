"""Logistic regression against scikit-learn, in memory and streamed."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from headstart.features import design as design_module
from headstart.features import logistic as logistic_module
from headstart.features.design import Design, build_design
from headstart.features.linear import probabilities
from headstart.features.logistic import fit_logistic
from headstart.features.table import ArrayFeatures
from headstart.features.targets import Truth
from tests.features.samples import classes, label_sets

STRENGTHS = (1e-3, 0.1, 10.0)


def design_of(x: np.ndarray, monkeypatch: pytest.MonkeyPatch, *, streamed: bool) -> Design:
    if streamed:
        monkeypatch.setattr(design_module, "MOST_IN_MEMORY", 0)
        monkeypatch.setattr(design_module, "CHUNK_BYTES", 0)
    return build_design(ArrayFeatures(x), np.arange(len(x)))


def reference(x: np.ndarray, y: np.ndarray, strength: float, class_weight: str | None = None) -> np.ndarray:
    standard = StandardScaler().fit_transform(x.astype(np.float64))
    model = LogisticRegression(C=strength, tol=1e-10, max_iter=20000, class_weight=class_weight)
    known: np.ndarray = model.fit(standard, y).predict_proba(standard)
    return known


@pytest.mark.parametrize("streamed", [False, True], ids=["in memory", "streamed"])
@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("class_weights", ["none", "balanced"])
def test_three_classes(monkeypatch: pytest.MonkeyPatch, streamed: bool, strength: float, class_weights: str) -> None:
    x, y = classes(300)
    y[y == 2] *= np.arange((y == 2).sum()) % 3 == 0
    truth = Truth.of(y, 3, "balanced" if class_weights == "balanced" else "none")
    design = design_of(x, monkeypatch, streamed=streamed)
    fit = fit_logistic(design, truth, strength=strength)
    ours = probabilities(design.scores(fit.linear), "softmax")
    theirs = reference(x, y, strength, "balanced" if class_weights == "balanced" else None)
    assert fit.settled
    assert np.abs(ours - theirs).max() < 1e-4


@pytest.mark.parametrize("streamed", [False, True], ids=["in memory", "streamed"])
@pytest.mark.parametrize("strength", STRENGTHS)
def test_two_classes(monkeypatch: pytest.MonkeyPatch, streamed: bool, strength: float) -> None:
    x, y = classes(300, labels=2)
    design = design_of(x, monkeypatch, streamed=streamed)
    linear = fit_logistic(design, Truth.of(y, 2, "none"), strength=strength).linear
    ours = probabilities(design.scores(linear), "sigmoid")[:, 0]
    assert np.abs(ours - reference(x, y, strength)[:, 1]).max() < 1e-4


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("class_weights", ["none", "balanced"])
def test_several_labels_are_one_problem_each(
    monkeypatch: pytest.MonkeyPatch, strength: float, class_weights: str
) -> None:
    x, y = label_sets(300)
    design = design_of(x, monkeypatch, streamed=False)
    truth = Truth.of(y, 3, "balanced" if class_weights == "balanced" else "none")
    ours = probabilities(design.scores(fit_logistic(design, truth, strength=strength).linear), "sigmoid")
    for label in range(3):
        theirs = reference(x, y[:, label], strength, "balanced" if class_weights == "balanced" else None)
        assert np.abs(ours[:, label] - theirs[:, 1]).max() < 1e-4


def test_more_features_than_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = classes(40, width=100)
    design = design_of(x, monkeypatch, streamed=False)
    ours = probabilities(design.scores(fit_logistic(design, Truth.of(y, 3, "none"), strength=0.01).linear), "softmax")
    assert np.abs(ours - reference(x, y, 0.01)).max() < 1e-4


def test_the_start_does_not_matter_but_saves_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = classes(300)
    design, truth = design_of(x, monkeypatch, streamed=False), Truth.of(y, 3, "none")
    passes = 0
    plain = logistic_module._mean_loss

    def counted(*arguments: object) -> object:
        nonlocal passes
        passes += 1
        return plain(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(logistic_module, "_mean_loss", counted)
    cold = fit_logistic(design, truth, strength=1.0)
    needed, passes = passes, 0
    warm = fit_logistic(design, truth, strength=1.0, start=cold.linear)
    assert passes < needed / 2
    assert np.abs(design.scores(warm.linear) - design.scores(cold.linear)).max() < 1e-3


def test_a_label_that_does_not_occur_is_improbable(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = classes(200)
    design = design_of(x, monkeypatch, streamed=False)
    fit = fit_logistic(design, Truth.of(y, 5, "none"), strength=1.0)
    known = probabilities(design.scores(fit.linear), "softmax")
    assert fit.settled
    assert known[:, 3:].max() < 1e-3
    sets = np.stack([y == 0, np.zeros(200), np.ones(200)], axis=1).astype(np.uint8)
    fit = fit_logistic(design, Truth.of(sets, 3, "none"), strength=1.0)
    known = probabilities(design.scores(fit.linear), "sigmoid")
    assert known[:, 1].max() < 1e-2
    assert known[:, 2].min() > 1 - 1e-2


def test_giving_up_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logistic_module, "MOST_ITERATIONS", 2)
    x, y = classes(100)
    design = design_of(x, monkeypatch, streamed=False)
    assert not fit_logistic(design, Truth.of(y, 3, "none"), strength=10.0).settled
