from __future__ import annotations

import numpy as np
import pytest

from headstart.core.card import InputFacts, TextInput
from headstart.core.dataset import Dataset, Part
from headstart.core.options import FitOptions
from headstart.core.strategy import Reason
from headstart.core.targets import column_of
from headstart.data.columns import ArrayColumn
from headstart.models.inputs.mask_input import mask_input
from tests.pixels import Pixels


def data(*sizes: tuple[int, int]) -> Dataset:
    """One item for each height and width."""
    masks = [Pixels(np.zeros(size, np.int16)) for size in sizes]
    parts = np.full(len(sizes), Part.TRAIN, np.int8)
    return Dataset("semantic-segmentation", ("a",), ArrayColumn([None] * len(sizes)), column_of(masks), parts, "memory")


@pytest.mark.parametrize(
    ("sizes", "side", "expected"),
    [
        ([(360, 480)] * 3, None, (352, 480)),
        ([(360, 480)] * 3, 256, (192, 256)),
        ([(1024, 2048)], None, (256, 512)),
        ([(480, 360), (360, 480)], None, (480, 480)),
        ([(20, 24)], None, (32, 32)),
    ],
)
def test_the_size_and_shape_of_the_pictures(
    sizes: list[tuple[int, int]], side: int | None, expected: tuple[int, int]
) -> None:
    reasons: list[Reason] = []
    found = mask_input(data(*sizes), InputFacts(), FitOptions(image_size=side), reasons)
    assert isinstance(found, InputFacts)
    assert found.size == expected
    assert len(reasons) == (side is None)


def test_what_cannot_be_fitted_stays() -> None:
    fixed, text = InputFacts(fixed_size=True), TextInput(tokenizer="x")
    assert mask_input(data((360, 480)), fixed, FitOptions(), []) == fixed
    assert mask_input(data((360, 480)), text, FitOptions(), []) == text
    assert mask_input(data(), InputFacts(), FitOptions(), []) == InputFacts()
