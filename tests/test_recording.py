from __future__ import annotations

import numpy as np
import pytest

from headstart.core.dataset import Dataset, Part
from headstart.core.options import FitOptions
from headstart.data.columns import ArrayColumn
from headstart.loading import load_data, split
from headstart.planning import plan
from headstart.recording import recorded


@pytest.mark.parametrize(("total", "said"), [(65.0, ()), (80.0, ("The run took 80 s, more than its budget of 60 s.",))])
def test_a_budget_that_was_not_kept_is_said(total: float, said: tuple[str, ...]) -> None:
    """Whatever the reason: a head that is solved exactly has no steps to count, reading may take long."""
    pictures = [np.full((8, 8, 3), 20 * place, np.uint8) for place in range(12)]
    options = FitOptions(model="starter/tiny-resnet", strategy="linear-probe", budget=60.0)
    dataset = split(load_data((pictures, ["a", "b"] * 6)), options)
    numbers = {"parameters": 3, "trained_parameters": 2, "seconds": {"total": total}, "notes": ("before",)}
    found = recorded(plan(dataset, options), dataset, device="cpu", precision="float32", **numbers)
    assert found.notes == ("before", *said)


def test_what_follows_from_the_data_is_filled_in() -> None:
    pictures = [np.full((8, 8, 3), 20 * place, np.uint8) for place in range(12)]
    labels = ["a", "b"] * 6
    options = FitOptions(model="starter/tiny-resnet", strategy="linear-probe")
    dataset: Dataset = split(load_data((pictures, labels)), options)
    found = recorded(
        plan(dataset, options), dataset, device="cpu", precision="float32", parameters=3, trained_parameters=2
    )
    assert isinstance(dataset.inputs, ArrayColumn)
    assert found.labels == ("a", "b")
    assert found.items == {
        part.name.lower(): len(dataset.indices(part)) for part in (Part.TRAIN, Part.VALIDATION, Part.TEST)
    }
    assert (found.held_out, found.parameters, found.trained_parameters) == ("test", 3, 2)
    assert found.data_fingerprint
    assert found.environment["torch"]
