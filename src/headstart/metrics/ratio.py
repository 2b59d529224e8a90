"""Quotients and means that are NaN, without a warning, where there is nothing to compute them from."""

from __future__ import annotations

import numpy as np

from headstart.metrics.outcome import Array


def ratio(above: Array, below: Array) -> Array:
    """The quotient; NaN where `below` is 0."""
    shape = np.broadcast_shapes(np.shape(above), np.shape(below))
    quotient = np.full(shape, np.nan)
    np.divide(above, below, out=quotient, where=np.asarray(below) > 0)
    return quotient


def mean_of_defined(values: Array) -> Array:
    """The mean over the first axis of what is not NaN; NaN where nothing is left."""
    there = ~np.isnan(values)
    return ratio(np.where(there, values, 0).sum(axis=0), there.sum(axis=0))
