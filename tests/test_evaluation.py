"""Labels are matched by name, and numbers belong to a part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import headstart as hs
from headstart.core.errors import DataError
from headstart.evaluation import match_labels
from tests.worlds import write_network, write_world


def test_data_with_fewer_labels_are_matched_by_name(run: hs.Run, tmp_path: Path) -> None:
    data = hs.load_data(write_world(tmp_path / "other", test=0, seed=5))
    keep = np.flatnonzero(data.dataset.targets > 0)
    from dataclasses import replace

    some = replace(data.dataset.take(keep), labels=("cross", "stripe"), targets=data.dataset.targets[keep] - 1)
    matched = match_labels(run.trained.record, some)
    assert matched.labels == run.trained.record.labels
    np.testing.assert_array_equal(matched.targets, data.dataset.targets[keep])


def test_unknown_labels_are_named_all_at_once(run: hs.Run, tmp_path: Path) -> None:
    root = write_world(tmp_path / "other", test=0)
    (root / "cross").rename(root / "plus")
    (root / "circle").rename(root / "ring")
    with pytest.raises(DataError) as caught:
        run.evaluate(root)
    assert len(caught.value.problems) == 2
    assert "circle, cross, stripe" in caught.value.hint


def test_a_part_that_is_not_there_is_an_error(run: hs.Run, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no part 'validation'"):
        run.evaluate(tmp_path / "data", part="validation")


def test_validation_data_alone_are_the_held_out_report(tmp_path: Path) -> None:
    root = write_world(tmp_path / "data")
    (root / "test").rename(root / "val")
    run = hs.fit(
        root,
        output=tmp_path / "run",
        options=hs.FitOptions(model=str(write_network(tmp_path / "network")), strategy="linear-probe"),
    )
    assert run.record.held_out == "val"
    assert run.record.test is not None
    assert run.record.test.items == 18
