from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.tasks.box_assignment import RADIUS, REACH, assign
from tests.tasks.detectors import all_cells, target_of

side = st.floats(1, 120)
box = st.tuples(st.floats(0, 100), st.floats(0, 100), side, side).map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3]))


def by_the_rule(cells: torch.Tensor, boxes: list[tuple[float, ...]]) -> list[int]:
    """FCOS's rule, cell by cell and box by box."""
    limits = {8.0: (0, 8 * REACH), 16.0: (8 * REACH, 16 * REACH), 32.0: (16 * REACH, float("inf"))}
    found = []
    for x, y, stride in cells.tolist():
        best, area = -1, float("inf")
        for place, (left, top, right, bottom) in enumerate(torch.tensor(boxes, dtype=torch.float32).tolist()):
            edges = (x - left, y - top, right - x, bottom - y)
            low, high = limits[stride]
            near = max(abs(x - (left + right) / 2), abs(y - (top + bottom) / 2)) < RADIUS * stride
            size = (right - left) * (bottom - top)
            if min(edges) > 0 and low < max(edges) <= high and near and size < area:
                best, area = place, size
        found.append(best)
    return found


@settings(max_examples=40)
@given(st.lists(box, min_size=1, max_size=4))
def test_cells_find_the_boxes_of_the_rule(boxes: list[tuple[float, float, float, float]]) -> None:
    cells = all_cells(128, 128)
    found, expected = assign(cells, target_of(*boxes)).box, torch.tensor(by_the_rule(cells, boxes))
    ruled = expected >= 0
    assert torch.equal(found[ruled], expected[ruled])
    rescued = found[~ruled]
    rescued = rescued[rescued >= 0]
    assert len(rescued) == len(rescued.unique()), "one cell a box that no cell would find"
    assert not set(rescued.tolist()) & set(expected[ruled].tolist())
    assert set(found[found >= 0].tolist()) == set(range(len(boxes)))


def test_cells_in_ignored_boxes_say_nothing() -> None:
    cells = all_cells(64, 64)
    found = assign(cells, target_of((0, 0, 40, 40), (8, 8, 24, 24), labels=[0, 1], ignored=[True, False]))
    assert set(found.box.tolist()) == {-1, 1}
    inside = (cells[:, :2] < 40).all(1)
    assert torch.equal(found.silent, inside & (found.box < 0))


def test_a_picture_without_boxes() -> None:
    found = assign(all_cells(64, 64), target_of())
    assert (found.box == -1).all()
    assert not found.silent.any()


def test_ten_thousand_boxes() -> None:
    torch.manual_seed(0)
    corner = torch.rand(10_000, 2) * 100
    target = target_of()._replace(
        xyxy=torch.cat([corner, corner + 25], 1),
        labels=torch.zeros(10_000, dtype=torch.int64),
        ignored=torch.zeros(10_000, dtype=torch.bool),
    )
    assert (assign(all_cells(128, 128), target).box >= 0).sum() > 150
