"""The probe as a whole: a head for raw features."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from headstart.core.strategy import Goal
from headstart.features import design as design_module
from headstart.features import logistic as logistic_module
from headstart.features.linear import probabilities
from headstart.features.probe import Probe, ProbeSettings, fit_probe, probe_head
from headstart.features.table import ArrayFeatures
from headstart.metrics.goal import score
from tests.features.samples import classes, label_sets

Solver = Literal["logistic", "ridge"]
INDICES = np.random.default_rng(0).permutation(400)[:240]
FOLDS = np.arange(240) % 4


def fitted(x: np.ndarray, y: np.ndarray, *, solver: Solver = "logistic", strength: float | None = None) -> Probe:
    settings = ProbeSettings(solver=solver, strength=strength)
    return fit_probe(ArrayFeatures(x), y[INDICES], indices=INDICES, folds=FOLDS, settings=settings)


@pytest.mark.parametrize("labels", [2, 3])
def test_the_head_is_scikit_learns_on_standardised_features(labels: int) -> None:
    x, y = classes(400, labels=labels)
    probe = fitted(x, y, strength=0.2)
    theirs = make_pipeline(StandardScaler(), LogisticRegression(C=0.2, tol=1e-10, max_iter=10000))
    theirs.fit(x[INDICES].astype(np.float64), y[INDICES])
    ours = probabilities(x @ probe.weight.T + probe.bias, "softmax")
    assert np.abs(ours - theirs.predict_proba(x.astype(np.float64))).max() < 1e-4
    assert (probe.weight.dtype, probe.weight.shape, probe.bias.shape) == (np.float32, (labels, 6), (labels,))


@pytest.mark.parametrize("solver", ["logistic", "ridge"])
@pytest.mark.parametrize("kind", ["two", "three", "sets"])
def test_it_predicts_what_it_has_not_seen_as_well_as_it_says(solver: Solver, kind: str) -> None:
    x, y = label_sets(400) if kind == "sets" else classes(400, labels=2 if kind == "two" else 3)
    probe = fitted(x, y, solver=solver)
    others = np.setdiff1d(np.arange(400), INDICES)
    known = probabilities(x[others] @ probe.weight.T + probe.bias, "sigmoid" if kind == "sets" else "softmax")
    goal = Goal(metric="log_loss")
    assert -score(goal, known, y[others]) == pytest.approx(probe.log_loss, abs=0.12)
    assert probe.log_loss == -score(goal, probe.out_of_fold, y[INDICES])
    assert probe.strength in {one.strength for one in probe.scores}
    assert probe.notes == ()


@pytest.mark.parametrize("solver", ["logistic", "ridge"])
def test_reading_rows_in_parts_changes_nothing(monkeypatch: pytest.MonkeyPatch, solver: Solver) -> None:
    x, y = classes(400)
    whole = fitted(x, y, solver=solver, strength=0.5)
    monkeypatch.setattr(design_module, "MOST_IN_MEMORY", 0)
    monkeypatch.setattr(design_module, "CHUNK_BYTES", 0)
    parts = fitted(x, y, solver=solver, strength=0.5)
    scores = [x @ probe.weight.T + probe.bias for probe in (whole, parts)]
    assert np.abs(probabilities(scores[0], "softmax") - probabilities(scores[1], "softmax")).max() < 1e-4
    np.testing.assert_allclose(whole.out_of_fold, parts.out_of_fold, atol=1e-4)


def test_the_same_every_time() -> None:
    x, y = classes(400)
    first, second = fitted(x, y), fitted(x, y)
    assert np.array_equal(first.weight, second.weight)
    assert np.array_equal(first.out_of_fold, second.out_of_fold)


def test_labels_that_do_not_occur_have_rows_too() -> None:
    x, y = classes(400)
    settings = ProbeSettings()
    probe = fit_probe(ArrayFeatures(x), y[INDICES], indices=INDICES, folds=FOLDS, settings=settings, labels=5)
    assert probe.weight.shape == (5, 6)
    assert probabilities(x @ probe.weight.T + probe.bias, "softmax")[:, 3:].max() < 1e-2


def test_balanced_weights_find_the_rare_class_more_often() -> None:
    x, y = classes(400, labels=2)
    y = y * (np.arange(400) % 5 == 0).astype(np.int32)
    found = []
    for class_weights in ("none", "balanced"):
        settings = ProbeSettings(class_weights=class_weights)  # type: ignore[arg-type]
        probe = fit_probe(ArrayFeatures(x), y[INDICES], indices=INDICES, folds=FOLDS, settings=settings)
        found.append(int((probe.out_of_fold.argmax(axis=1) == 1).sum()))
    assert found[0] < found[1]


def test_the_head_goes_into_a_linear_layer() -> None:
    x, y = classes(400)
    probe = fitted(x, y, strength=1.0)
    layer = torch.nn.Linear(6, 3)
    layer.load_state_dict(probe_head(probe))
    np.testing.assert_allclose(layer(torch.from_numpy(x)).detach(), x @ probe.weight.T + probe.bias, atol=1e-4)


def test_an_unfinished_optimum_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logistic_module, "MOST_ITERATIONS", 1)
    x, y = classes(400)
    assert "C = 5" in fitted(x, y, strength=5.0).notes[0]


def test_mistakes_of_the_caller() -> None:
    x, y = classes(20)
    table, settings, all_of_them = ArrayFeatures(x), ProbeSettings(), np.arange(20)
    with pytest.raises(ValueError, match="19 targets"):
        fit_probe(table, y[1:], indices=all_of_them, folds=all_of_them % 2, settings=settings)
    with pytest.raises(ValueError, match="two folds"):
        fit_probe(table, y, indices=all_of_them, folds=np.zeros(20, np.int64), settings=settings)
