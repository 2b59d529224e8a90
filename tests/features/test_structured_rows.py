"""Rows of cells: the items that they are from, whatever batches the items came in."""

from __future__ import annotations

import numpy as np
import pytest

from headstart import models
from headstart.features.structured_rows import structured_rows
from headstart.tasks.task import Model
from tests import pixels


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels.known(monkeypatch)


def test_rows_are_those_of_the_items_one_by_one() -> None:
    task, dataset = pixels.PixelTask(), pixels.scenes(5)
    backbone = models.load("starter/tiny-resnet")
    model = Model(backbone, task.head(backbone, 2)).eval()

    def rows(places: list[int]) -> tuple[np.ndarray, np.ndarray]:
        chosen = dataset.take(np.array(places, np.int64))
        found = structured_rows(task, model, chosen, facts=pixels.FACTS, device="cpu", precision="float32")
        assert found.groups is not None
        return found.x, found.groups

    together, owners = rows([0, 1, 2, 3, 4])
    assert sorted(set(owners.tolist())) == [0, 1, 2, 3, 4]
    assert np.all(np.diff(owners) >= 0)
    alone, _ = rows([3])
    np.testing.assert_allclose(together[owners == 3], alone, atol=1e-4)
