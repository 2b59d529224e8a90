"""The variance of the mean of a table of repeats x units, taken apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.metrics.two_way import two_way, typical_difference


def table(repeats: int, units: int, *, seed: int = 0, of: tuple[float, float, float] = (0.1, 0.2, 0.3)) -> np.ndarray:
    random = np.random.default_rng(seed)
    return (
        0.05
        + random.normal(0, of[0], (repeats, 1))
        + random.normal(0, of[1], (1, units))
        + random.normal(0, of[2], (repeats, units))
    )


def test_the_parts_equal_a_slow_analysis_of_variance() -> None:
    cells = table(4, 30, of=(0.3, 0.2, 0.3))
    repeats, units = cells.shape
    mean = cells.mean()
    squares = {"repeats": 0.0, "units": 0.0, "both": 0.0}
    for r in range(repeats):
        squares["repeats"] += units * (cells[r].mean() - mean) ** 2
        for g in range(units):
            squares["both"] += (cells[r, g] - cells[r].mean() - cells[:, g].mean() + mean) ** 2
    for g in range(units):
        squares["units"] += repeats * (cells[:, g].mean() - mean) ** 2
    both = squares["both"] / ((repeats - 1) * (units - 1))
    unseen = 2 * repeats * (cells.mean(axis=0) ** 2).mean()
    found = two_way(cells)
    assert found.mean == pytest.approx(mean)
    assert found.of_both == pytest.approx(both)
    assert found.of_repeats == pytest.approx((squares["repeats"] / (repeats - 1) - both) / units)
    assert found.of_units == pytest.approx(((squares["units"] + unseen) / (units + 1) - both) / repeats)


def test_estimates_are_right_on_average() -> None:
    parts = np.array(
        [
            (each.of_repeats, each.of_units, each.of_both)
            for each in (two_way(table(5, 200, seed=s)) for s in range(400))
        ]
    )
    # drawing back at zero and the two unseen units add little
    assert parts.mean(axis=0) == pytest.approx([0.01, 0.04, 0.09], rel=0.06)


def test_the_variance_is_that_of_means_of_new_tables() -> None:
    means = np.array([table(5, 50, seed=s).mean() for s in range(4000)])
    exact = 0.01 / 5 + 0.04 / 50 + 0.09 / 250
    assert means.var() == pytest.approx(exact, rel=0.08)
    large = two_way(table(500, 500))
    assert large.variance(repeats=5, units=50) == pytest.approx(exact, rel=0.15)


def test_degrees_are_those_of_the_part_that_dominates() -> None:
    assert two_way(table(5, 400, of=(1.0, 0.01, 0.01))).degrees() == pytest.approx(4, abs=0.1)
    assert two_way(table(50, 20, of=(0.001, 1.0, 0.001))).degrees() == pytest.approx(19, rel=0.1)


def test_the_remainder_bounds_the_variance_of_repeats() -> None:
    cells = table(2, 500, of=(0.0, 0.0, 0.3))
    cells -= cells.mean(axis=1, keepdims=True)  # the repeats agree by chance
    found = two_way(cells)
    assert found.of_repeats == 0
    assert found.variance() >= 0.9 * 0.09 / 1000
    assert found.degrees() < 10  # two repeats that agree prove little


def test_five_repeats_without_a_sign_of_variance_are_taken_at_their_word() -> None:
    cells = table(5, 500, of=(0.0, 0.2, 0.3))
    cells -= cells.mean(axis=1, keepdims=True)
    assert two_way(cells).degrees() > 400


def test_zeros_are_not_certain() -> None:
    found = two_way(np.zeros((3, 200)))
    assert found.mean == 0
    assert 1.96 * found.variance() ** 0.5 == pytest.approx(2.8 / 200, rel=0.03)


@given(st.integers(1, 6), st.integers(2, 40), st.integers(0, 1000), st.floats(0.01, 1.0))
def test_shares_add_up_and_scale_does_not_change_them(repeats: int, units: int, seed: int, scale: float) -> None:
    cells = table(repeats, units, seed=seed) * 0.3
    found, scaled = two_way(cells), two_way(cells * scale)
    assert found.variance() > 0
    assert scaled.variance() == pytest.approx(found.variance() * scale**2, rel=1e-6)
    assert scaled.degrees() == pytest.approx(found.degrees(), rel=1e-6)
    if repeats == 1:
        assert found.shares == {}
    else:
        assert sum(found.shares.values()) == pytest.approx(1)
        assert found.shares == pytest.approx(scaled.shares)


def test_the_typical_difference_leaves_out_zeros() -> None:
    assert typical_difference(np.array([0.0, 0.0, 0.3, -0.3])) == pytest.approx(0.3)
    assert typical_difference(np.zeros(4)) == 1
