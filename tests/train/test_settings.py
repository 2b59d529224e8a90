"""How long early stopping waits: by the training that is planned, not by the one the method asks for by itself."""

from __future__ import annotations

import pytest

from headstart.train.settings import LEAST_PATIENCE, patience_of
from tests.train.tiny import strategy


@pytest.mark.parametrize(
    ("epochs", "steps", "wanted"),
    [
        (3, None, LEAST_PATIENCE),
        (30, None, 10),
        (30, 4 * 12, LEAST_PATIENCE),  # a short budget: 12 epochs of 4 steps
        (14, 4 * 60, 20),  # a long one
    ],
)
def test_it_is_a_third_of_the_epochs_that_are_taken(epochs: int, steps: int | None, wanted: int) -> None:
    assert patience_of(strategy(epochs=epochs, steps=steps, batch_size=16), 64) == wanted


def test_less_items_than_a_batch_are_a_step_an_epoch() -> None:
    assert patience_of(strategy(epochs=2, steps=30, batch_size=16), 5) == 10
