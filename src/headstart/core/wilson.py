"""The interval of a fraction."""

from __future__ import annotations

from math import sqrt


def wilson(fraction: float, *, size: float, quantile: float = 1.959964) -> tuple[float, float]:
    """Wilson's score interval of a fraction seen in a sample of this (effective) size. Wilson 1927."""
    square = quantile**2
    centre = (fraction + square / (2 * size)) / (1 + square / size)
    half = quantile / (1 + square / size) * sqrt(fraction * (1 - fraction) / size + square / (4 * size**2))
    return max(0.0, centre - half), min(1.0, centre + half)
