from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from headstart.data.coco_shapes import box_of, box_of_edges, mask_of_runs

masks = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=12))


@given(masks)
def test_runs_give_the_mask_back(mask: np.ndarray) -> None:
    flat = mask.T.ravel()
    edges = np.flatnonzero(np.diff(flat)) + 1
    counts = np.diff([0, *edges, flat.size]).tolist()
    runs = counts if not flat[0] else [0, *counts]
    assert np.array_equal(mask_of_runs({"size": list(mask.shape), "counts": runs}), mask)


@given(masks)
def test_compressed_runs_are_those_of_pycocotools(mask: np.ndarray) -> None:
    coded = pytest.importorskip("pycocotools.mask", reason="needs pycocotools")
    code = coded.encode(np.asfortranarray(mask.astype(np.uint8)))
    assert np.array_equal(mask_of_runs(code), mask)
    if mask.any():
        left, top, width, height = coded.toBbox(code)
        assert box_of(code) == (left, top, left + width, top + height)
    else:
        assert box_of(code) is None


@pytest.mark.parametrize(
    "wrong", [3, {"size": [2, 2]}, {"size": [2, 2], "counts": [5]}, {"size": [2, 2], "counts": "~"}, [[1, 2, 3]]]
)
def test_what_is_no_outline(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"run-length|segmentation|odd"):
        box_of(wrong)


def test_polygons() -> None:
    assert box_of([[1, 2, 8, 2, 8, 9], [0, 4, 3, 3]]) == (0, 2, 8, 9)
    assert box_of([]) is None


@given(st.lists(st.floats(-100, 100), min_size=4, max_size=4))
def test_edges(values: list[float]) -> None:
    left, top, right, bottom = box_of_edges(values)
    assert (left, top) == tuple(values[:2])
    assert (right, bottom) == (values[0] + values[2], values[1] + values[3])


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"size": [30, 40], "counts": [10**30]}, "too large"),
        ({"size": [30, 40], "counts": "o" * 30 + "0"}, "too large"),
        ({"size": [30, 40], "counts": {"a": 1}}, "whole numbers"),
        ({"size": [10**6, 10**6], "counts": [10**12]}, "too large to be one"),
        ({"size": [float("inf"), 2], "counts": [1]}, "needs `size`"),
        ({"size": [30, 40], "counts": [2**63 - 1, 2**63 - 1, 1202]}, "does not fill"),
        ([[1, 2, 10**400, 4, 5, 6]], "pairs of numbers"),
        ([[1, 2, None, 4, 5, 6]], "pairs of numbers"),
        ([1, [2, 3]], "pairs of numbers"),
        ([[[1, 2], [3, 4], [5, 6], [7, 8]]], "pairs of numbers"),
    ],
)
def test_outlines_that_cannot_be_meant(wrong: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        box_of(wrong)
