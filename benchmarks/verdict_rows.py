"""Rows of the calibration of the verdict that need more than one experiment's table of differences."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import t as student

from benchmarks.harness import WORK
from benchmarks.verdict_populations import Model, pictures_of_digits
from headstart.metrics.metric import Metric
from headstart.metrics.multiple import holm
from headstart.metrics.outcome import Outcome
from headstart.metrics.paired_gain import paired_gain, resampled_gain
from headstart.metrics.paired_metric import of_outcomes, paired_metric_gain
from headstart.metrics.table import METRICS

MARGIN, WIDTH, RIDGE = 0.01, 24, 2.0


def resampled_splits(*, experiments: int, items: int = 300, splits: int = 10, test: float = 0.3) -> dict[str, Any]:
    """Random splits of one small data set of digits, drawn anew for each experiment: corrected and plain t.

    The truth is the mean difference of all experiments: what to expect from training on so many items.
    """
    features, pixels, labels = pictures_of_digits()
    arms = [_compressed(features), _compressed(pixels)]
    wanted = np.eye(labels.max() + 1)[labels]
    random = np.random.default_rng(0)
    count = int(items * test)
    found = np.empty((experiments, splits))
    for experiment in range(experiments):
        drawn = random.choice(len(labels), items, replace=False)
        for split in range(splits):
            order = random.permutation(drawn)
            train, held = order[count:], order[:count]
            right = [_ridge_is_right(arm, wanted, labels, train, held) for arm in arms]
            found[experiment, split] = right[0].mean() - right[1].mean()
    truth = float(found.mean())
    gains = [resampled_gain(row, train_items=items - count, test_items=count, margin=MARGIN) for row in found]
    half = student.ppf(0.975, splits - 1) * found.std(axis=1, ddof=1) / np.sqrt(splits)
    return {
        "gain": truth,
        "coverage": float(np.mean([gain.low <= truth <= gain.high for gain in gains])),
        "coverage of the plain t": float((np.abs(found.mean(axis=1) - truth) <= half).mean()),
    }


def holm_family(*, experiments: int, models: int = 3) -> dict[str, Any]:
    """Models whose gains over one control are all exactly the margin: any that "helps" is a false alarm.

    Their differences share the control's half, as they do in an experiment.
    """
    random = np.random.default_rng(0)
    alone = together = 0
    for _ in range(experiments):
        control = (random.random((5, 500)) < 0.7).astype(np.float64)
        gains = {}
        for name in range(models):
            chances = random.random(control.shape)
            gained, lost = chances < (0.05 + MARGIN) / 0.3, chances < 0.05 / 0.7
            gains[str(name)] = paired_gain(np.where(control, ~lost, gained), control, margin=MARGIN)
        alone += any(gain.decision == "helps" for gain in gains.values())
        together += any(gain.decision == "helps" for gain in holm(gains).values())
    return {"false alarms one by one": alone / experiments, "false alarms with holm": together / experiments}


def promise(*, experiments: int) -> dict[str, Any]:
    """Undetermined experiments of 300 items that were told how many items they need, carried on to that many.

    True gains are spread evenly over -10..10 points, as the promise knows nothing of them.
    """
    random = np.random.default_rng(0)
    told = decided = without = impossible = 0
    times = []
    for _ in range(experiments):
        model = Model(random.uniform(-0.1, 0.1), 0.12, of_repeats=0.0005, of_items=0.5)
        transfer, control = model.draw(random, 5, 9000)
        first = paired_gain(transfer[:, :300], control[:, :300], margin=MARGIN)
        if first.decision != "undetermined":
            continue
        if first.items_needed is None:
            impossible += 1
        elif first.items_needed > transfer.shape[1]:
            without += 1
        else:
            told += 1
            more = slice(0, first.items_needed)
            decided += paired_gain(transfer[:, more], control[:, more], margin=MARGIN).decision != "undetermined"
            times.append(first.items_needed / 300)
    return {
        "kept": decided / told,
        "told": told,
        "more than 30 times": without,
        "more items cannot": impossible,
        "times as many items, median": float(np.median(times)),
    }


def macro_f1(*, experiments: int, items: int = 300, models: int = 12) -> dict[str, Any]:
    """Macro F1 of heads on digits, five pairs of models and 300 items drawn a time: the jackknife's coverage.

    The truth is the mean difference over all pairs on the whole population.
    """
    arms, labels = _answers_of_heads(models)
    metric = METRICS["macro_f1"]
    compute = of_outcomes(metric)
    whole = [[_value(metric, arm[model], labels) for model in range(models)] for arm in arms]
    truth = float(np.mean(whole[0]) - np.mean(whole[1]))
    random = np.random.default_rng(0)
    held, widths = 0, []
    names = [str(label) for label in range(labels.max() + 1)]
    for _ in range(experiments):
        chosen, drawn = random.integers(0, models, 5), random.integers(0, len(labels), items)
        transfer, control = (
            [Outcome.of(np.eye(len(names))[arm[model][drawn]], labels[drawn], labels=names) for model in chosen]
            for arm in arms
        )
        gain = paired_metric_gain(compute, transfer, control, items=items, margin=MARGIN)
        held += gain.low <= truth <= gain.high
        widths.append(gain.high - gain.low)
    return {"gain": truth, "coverage": held / experiments, "width": float(np.mean(widths))}


def _value(metric: Metric, predicted: np.ndarray, labels: np.ndarray) -> float:
    outcome = Outcome.of(np.eye(labels.max() + 1)[predicted], labels)
    return float(of_outcomes(metric)(outcome, np.ones((len(labels), 1)))[0])


def _answers_of_heads(models: int) -> tuple[list[np.ndarray], np.ndarray]:
    """The labels (M, P) that heads on features and on pixels give, each pair trained on 100 items of its own."""
    kept = WORK / "verdict_heads.npz"
    features, pixels, labels = pictures_of_digits()
    order = np.random.default_rng(1).permutation(len(labels))
    pool, test = order[:2000], order[2000:]
    if not kept.exists():
        wanted = np.eye(labels.max() + 1)[labels]
        trains = [np.random.default_rng(model).choice(pool, 100, replace=False) for model in range(models)]
        found = [
            np.stack([_ridge(_compressed(arm), wanted, train, test).argmax(axis=1) for train in trains])
            for arm in (features, pixels)
        ]
        np.savez(kept, features=found[0], pixels=found[1])
    loaded = np.load(kept)
    return [loaded["features"], loaded["pixels"]], labels[test]


def _compressed(features: np.ndarray) -> np.ndarray:
    """The first principal components, each of unit variance times the root of its share."""
    centred = features - features.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    found = centred @ vectors[:, -WIDTH:]
    return np.asarray(found / found.std())


def _ridge(features: np.ndarray, wanted: np.ndarray, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    known, centre, level = features[train], features[train].mean(axis=0), wanted[train].mean(axis=0)
    gram = (known - centre).T @ (known - centre) + RIDGE * np.eye(features.shape[1])
    weights = np.linalg.solve(gram, (known - centre).T @ (wanted[train] - level))
    return np.asarray((features[test] - centre) @ weights + level)


def _ridge_is_right(
    features: np.ndarray, wanted: np.ndarray, labels: np.ndarray, train: np.ndarray, test: np.ndarray
) -> np.ndarray:
    return np.asarray(_ridge(features, wanted, train, test).argmax(axis=1) == labels[test])
