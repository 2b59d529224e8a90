from __future__ import annotations

import numpy as np
import pytest

from headstart.core.card import InputFacts
from headstart.core.dataset import Dataset, Part
from headstart.core.options import FitOptions
from headstart.core.strategy import Reason
from headstart.core.targets import Boxes, column_of
from headstart.data.columns import ArrayColumn
from headstart.models.inputs.box_input import LEAST, MOST, SMALL_BOX, box_input


def of_boxes(side: float, *, size: tuple[int, int] = (640, 480), other: float = 200) -> Dataset:
    boxes = Boxes(
        np.array([[0, 0, side, side], [9, 9, 9 + other, 9 + other]], np.float32),
        np.array([0, 1], np.int32),
        np.zeros(2, bool),
        size=size,
    )
    pictures = [np.zeros((4, 4, 3), np.uint8)] * 3
    parts = np.full(3, Part.TRAIN, np.int8)
    return Dataset(
        "object-detection", ("small", "large"), ArrayColumn(pictures), column_of([boxes] * 3), parts, "memory"
    )


def sized(dataset: Dataset, **options: int) -> tuple[InputFacts, list[Reason]]:
    reasons: list[Reason] = []
    facts = box_input(dataset, InputFacts(), FitOptions(**options), reasons)
    assert isinstance(facts, InputFacts)
    return facts, reasons


def test_small_boxes_ask_for_large_inputs_in_the_shape_of_the_pictures() -> None:
    facts, reasons = sized(of_boxes(40))
    assert facts.size == (256, 320)
    assert facts.scale == pytest.approx(0.5)
    assert 40 * facts.scale >= SMALL_BOX
    assert "'small'" in reasons[-1].why


@pytest.mark.parametrize(("side", "longest"), [(400, LEAST), (5, MOST)])
def test_inputs_are_neither_tiny_nor_huge(side: float, longest: int) -> None:
    assert max(sized(of_boxes(side, other=400))[0].size) == longest


def test_a_size_that_was_asked_for_is_the_longer_side() -> None:
    assert sized(of_boxes(40, size=(480, 640)), image_size=192)[0].size == (192, 128)


def test_a_network_of_one_size_keeps_it() -> None:
    fixed = InputFacts(size=(224, 224), fixed_size=True)
    assert box_input(of_boxes(40), fixed, FitOptions(), []) == fixed


def test_pictures_whose_size_is_not_known_are_taken_as_square() -> None:
    facts, _ = sized(of_boxes(40, size=(0, 0)))
    assert facts.size[0] == facts.size[1]
    assert facts.scale is None
