"""Quotients without a denominator are NaN, and means leave them out."""

from __future__ import annotations

import warnings

import numpy as np

from headstart.metrics.ratio import mean_of_defined, ratio


def test_a_quotient_by_nothing_is_nan_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        quotient = ratio(np.array([1.0, 0.0]), np.array([4.0, 0.0]))
    assert quotient[0] == 0.25
    assert np.isnan(quotient[1])


def test_numbers_spread_over_the_columns() -> None:
    assert ratio(np.array([[1.0, 2.0], [3.0, 8.0]]), np.array([2.0, 4.0])).tolist() == [[0.5, 0.5], [1.5, 2.0]]


def test_a_mean_is_that_of_what_is_defined() -> None:
    means = mean_of_defined(np.array([[1.0, np.nan, np.nan], [3.0, 4.0, np.nan]]))
    assert means[:2].tolist() == [2.0, 4.0]
    assert np.isnan(means[2])
