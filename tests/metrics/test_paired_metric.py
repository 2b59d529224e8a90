"""The gain of one arm over another in a metric that is no mean over items."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from headstart.core.errors import DataError
from headstart.metrics.outcome import Outcome
from headstart.metrics.paired_gain import paired_gain
from headstart.metrics.paired_metric import ByItem, contributions, of_outcomes, of_sums, paired_metric_gain
from headstart.metrics.table import METRICS
from headstart.metrics.weighted import Once
from tests.metrics.outcomes import several, single


def outcomes(repeats: int, items: int, *, signal: float, seed: int = 0, classes: int = 3) -> list[Outcome]:
    """Models of one strength on the same items."""
    truth = np.random.default_rng(seed).integers(0, classes, items)
    made = []
    for repeat in range(repeats):
        random = np.random.default_rng((seed, repeat, int(100 * signal)))
        logits = random.normal(size=(items, classes))
        logits[np.arange(items), truth] += signal
        powers = np.exp(logits)
        made.append(Outcome.of(powers / powers.sum(axis=1, keepdims=True), truth))
    return made


def right(models: list[Outcome]) -> np.ndarray:
    return np.stack([model.predicted == model.targets for model in models]).astype(float)


@pytest.mark.parametrize("groups", [None, np.arange(150) // 7])
def test_accuracy_as_a_metric_is_accuracy_as_a_mean(groups: np.ndarray | None) -> None:
    transfer, control = outcomes(4, 150, signal=2.0), outcomes(4, 150, signal=1.0)
    found = paired_metric_gain(of_outcomes(METRICS["accuracy"]), transfer, control, items=150, groups=groups)
    expected = paired_gain(right(transfer), right(control), groups=groups)
    assert found.estimate == pytest.approx(expected.estimate)
    # groups of unequal size: the jackknife is exact, the deviations of sums are its first order
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9 if groups is None else 2e-3)
    assert found.decision == expected.decision


@pytest.mark.parametrize("name", ["macro_f1", "auroc"])
def test_the_estimate_is_the_mean_difference_of_the_metric(name: str) -> None:
    transfer, control = outcomes(3, 120, signal=2.0), outcomes(3, 120, signal=1.0)
    found = paired_metric_gain(of_outcomes(METRICS[name]), transfer, control, items=120)

    def by_library(model: Outcome) -> float:
        if name == "auroc":
            return float(roc_auc_score(model.targets, model.probabilities, multi_class="ovr"))
        return float(f1_score(model.targets, model.predicted, average="macro"))

    expected = np.mean([by_library(a) - by_library(b) for a, b in zip(transfer, control, strict=True)])
    assert found.estimate == pytest.approx(expected, abs=1e-6)
    assert found.low < expected < found.high


def test_contributions_equal_a_loop_that_leaves_out_items() -> None:
    model = outcomes(1, 40, signal=1.0)[0]
    metric = of_outcomes(METRICS["macro_f1"])
    found = contributions(metric, model, unit_of=np.arange(40), units=40)
    everything = f1_score(model.targets, model.predicted, average="macro")
    without = []
    for item in range(40):
        kept = np.arange(40) != item
        without.append(f1_score(model.targets[kept], model.predicted[kept], average="macro"))
    assert found == pytest.approx(everything + 39 * (np.mean(without) - np.array(without)))
    assert found.mean() == pytest.approx(everything)


def test_weights_by_item_give_what_one_set_of_weights_gives() -> None:
    for pair in (single(30, coarse=True), several(30)):
        outcome, weights = Outcome.of(*pair), np.random.default_rng(0).random((30, 4))
        for name in ("accuracy", "macro_f1", "auroc", "log_loss", "calibration_error"):
            together = METRICS[name].compute(ByItem(outcome, weights))
            alone = [METRICS[name].compute(Once(outcome, weights[:, column]))[0] for column in range(4)]
            assert together == pytest.approx(alone, rel=1e-6)


def test_statistics_of_pictures_give_mean_iou() -> None:
    random = np.random.default_rng(0)
    # overlap and union of 3 classes for each of 60 pictures
    union = random.integers(50, 100, (60, 3))
    control = np.stack([union * 0.5, union], axis=1)
    transfer = np.stack([union * random.uniform(0.5, 0.8, (60, 3)), union], axis=1)
    mean_iou = of_sums(lambda sums: (sums[:, 0] / sums[:, 1]).mean(axis=1))
    found = paired_metric_gain(mean_iou, [transfer] * 2, [control] * 2, items=60)
    expected = (transfer[:, 0].sum(axis=0) / union.sum(axis=0)).mean() - 0.5
    assert found.estimate == pytest.approx(expected)
    assert found.decision == "helps"
    assert found.variance["test items"] == pytest.approx(1)


def test_a_metric_of_which_less_is_better_is_turned() -> None:
    good, bad = outcomes(2, 80, signal=4.0), outcomes(2, 80, signal=0.5)
    multi = [Outcome.of(*several(80, seed=seed)) for seed in (1, 2)]
    loss = of_outcomes(METRICS["hamming_loss"])
    assert paired_metric_gain(loss, multi, multi, items=80).estimate == 0
    assert paired_metric_gain(of_outcomes(METRICS["calibration_error"]), good, bad, items=80).estimate > -1
    with pytest.raises(ValueError, match="no upper bound"):
        of_outcomes(METRICS["log_loss"])


def test_many_items_are_put_together_and_change_little() -> None:
    transfer, control = outcomes(2, 3000, signal=1.6), outcomes(2, 3000, signal=1.4)
    found = paired_metric_gain(of_outcomes(METRICS["accuracy"]), transfer, control, items=3000)
    expected = paired_gain(right(transfer), right(control))
    assert found.items == 3000
    assert found.high - found.low == pytest.approx(expected.high - expected.low, rel=0.15)


def test_a_metric_that_rests_on_one_item_is_said_to() -> None:
    truth = np.array([1] + [0] * 20)
    model = Outcome.of(np.stack([np.linspace(0, 1, 21), np.linspace(1, 0, 21)], axis=1), truth)
    with pytest.raises(DataError, match="not defined without one"):
        paired_metric_gain(of_outcomes(METRICS["auroc"]), [model], [model], items=21)


def test_arms_that_do_not_pair_are_refused() -> None:
    models = outcomes(2, 20, signal=1.0)
    metric = of_outcomes(METRICS["accuracy"])
    with pytest.raises(ValueError, match="in pairs"):
        paired_metric_gain(metric, models, models[:1], items=20)
    with pytest.raises(ValueError, match="in pairs"):
        paired_metric_gain(metric, [], [], items=20)
    with pytest.raises(ValueError, match="takes two"):
        paired_metric_gain(metric, models, models, items=20, groups=np.zeros(20, int))
