"""All the curves that a handful of points allow."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.gain import CurvePoint
from headstart.metrics.curve_draws import Curves, posterior, strain, summarised


def points(*, repeats: int = 5, spread: float = 0.005, seed: int = 0) -> list[CurvePoint]:
    random = np.random.default_rng(seed)
    return [
        CurvePoint(labels=n, values=tuple(0.9 - n**-0.5 + random.normal(0, spread, repeats)))
        for n in (20, 40, 80, 160, 320)
    ]


def test_points_of_one_number_of_labels_are_put_together_in_order() -> None:
    known = summarised([CurvePoint(labels=9, values=(0.5,)), *points(), CurvePoint(labels=9, values=(0.7, 0.6))])
    assert known.labels.tolist() == [9, 20, 40, 80, 160, 320]
    assert known.means[0] == pytest.approx(0.6)
    assert known.degrees == 2 + 5 * 4 + 4


def test_a_repeat_that_went_astray_makes_its_point_weigh_little() -> None:
    astray = CurvePoint(labels=160, values=(0.82, 0.82, 0.82, 0.82, 0.1))
    known = summarised([*points()[:3], astray, points()[4]])
    assert known.variances[3] > 50 * np.median(known.variances)


def test_noise_that_falls_with_the_labels_is_known_to_fall() -> None:
    """Three repeats a point say little of its noise: the trend over the points says the rest."""
    random, found = np.random.default_rng(0), []
    for _ in range(300):
        values = {n: 0.7 + random.normal(0, 0.03 * (20 / n) ** 0.5, 3) for n in (20, 40, 80, 160, 320)}
        found.append(summarised([CurvePoint(labels=n, values=tuple(each)) for n, each in values.items()]).variances)
    true = 0.03**2 * 20 / np.array([20, 40, 80, 160, 320]) / 3
    assert ((np.mean(found, axis=0) / true > 0.6) & (np.mean(found, axis=0) / true < 2)).all()


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        [CurvePoint(labels=0, values=(0.5,))],
        [CurvePoint(labels=3, values=())],
        [CurvePoint(labels=3, values=(1.5,))],
        [CurvePoint(labels=3, values=(float("nan"),))],
    ],
)
def test_what_are_no_points_is_refused(wrong: list[CurvePoint]) -> None:
    with pytest.raises(ValueError, match="curve"):
        summarised(wrong)


def test_the_start_is_integrated_out_as_a_sum_over_a_fine_grid_would() -> None:
    known = summarised(points())
    found = posterior(known)
    layer, rate, ceiling = np.unravel_index(int(found.weights.argmax()), found.weights.shape)
    others = [(layer, rate, ceiling), (layer, rate + 2, ceiling - 5), (layer, rate - 1, ceiling + 4)]
    from headstart.metrics.curve_draws import CEILINGS, MISFITS, RATES, RATES_DIFFER, USUAL_MISFIT, USUAL_RATE

    def by_sum(t: int, a: int, c: int) -> float:
        variances = known.variances + (MISFITS[t] * strain(known.labels, 320.0)) ** 2
        starts = np.linspace(0, CEILINGS[c], 20_001)
        left = (20 / known.labels) ** RATES[a]
        fitted = CEILINGS[c] - (CEILINGS[c] - starts[:, None]) * left
        squares = ((known.means - fitted) ** 2 / variances).sum(axis=1)
        likely = (1 + squares / known.degrees) ** (-(known.degrees + 5) / 2) / np.sqrt(variances.prod())
        prior = np.exp(-0.5 * (np.log(RATES[a] / USUAL_RATE) / RATES_DIFFER) ** 2 - MISFITS[t] / USUAL_MISFIT)
        return float(likely.sum() * (starts[1] - starts[0]) * prior)

    sums = [by_sum(*map(int, cell)) for cell in others]
    weights = [float(found.weights[cell]) for cell in others]
    assert weights[1] / weights[0] == pytest.approx(sums[1] / sums[0], rel=0.02)
    assert weights[2] / weights[0] == pytest.approx(sums[2] / sums[0], rel=0.02)


def test_draws_rise_stay_in_range_and_repeat() -> None:
    found = posterior(summarised(points())).draw(500)
    assert (found.start <= found.ceiling).all()
    assert found.start.min() >= 0
    assert found.ceiling.max() <= 1
    assert (found.at(320) == posterior(summarised(points())).draw(500).at(320)).all()
    assert found.at(320).mean() == pytest.approx(0.9 - 320**-0.5, abs=0.01)


def test_curves_reach_their_own_values() -> None:
    zero = np.zeros(3)
    curves = Curves(20, 320, np.array([0.3, 0.5, 0.5]), np.array([0.9, 0.8, 0.6]), np.array([0.5, 1.0, 0.2]), zero)
    assert curves.reach(curves.at(200)) == pytest.approx([200] * 3)
    assert np.isinf(curves.reach(np.array([0.95, 0.8, 0.6]))).all()
    assert curves.reach(np.array([0.1, 0.5, 0.4])) == pytest.approx([11.25, 20, 1])


def test_the_form_is_least_certain_far_from_the_most_labels() -> None:
    assert strain(np.array([80.0, 160, 320, 640]), 320).tolist() == [1.5, 1.0, 0.5, 1.0]
