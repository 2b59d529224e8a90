"""What one candidate's features say of the data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headstart import models
from headstart.core.candidates import Limits, Prior
from headstart.core.errors import ModelError
from headstart.core.options import FitOptions
from headstart.loading import load_data, split
from headstart.planning import plan
from headstart.scoring import Candidate, score_model
from tests.worlds import write_network, write_world

pytestmark = pytest.mark.usefixtures("brief")


def candidate(root: Path, dataset: object) -> Candidate:
    network = str(write_network(root / "network"))
    planned = plan(dataset, FitOptions(model=network, strategy="lp-ft", image_size=32))  # type: ignore[arg-type]
    return Candidate(card=models.card(network), plan=planned, prior=Prior(score=None, why="made here"))


def test_everything_that_is_found_out(tmp_path: Path) -> None:
    known = split(load_data(write_world(tmp_path / "data", train=10, test=0)))
    found = score_model(candidate(tmp_path, known), known, names=("logme", "knn", "nce"), limits=Limits())
    assert found.right.shape == (30,)
    assert set(np.unique(found.right)) <= {0.0, 1.0}
    assert found.cost.single_ms > 0
    assert found.step_seconds > 0
    assert found.scores["logme"].low is not None
    assert {"logme", "knn", "nce"} == found.scores.keys() | found.not_scored.keys()
    interval = found.probe_interval(None)
    assert interval.low <= interval.value == found.right.mean() <= interval.high


def test_groups_widen_the_interval_of_the_probe(tmp_path: Path) -> None:
    known = split(load_data(write_world(tmp_path / "data", train=10, test=0)))
    found = score_model(candidate(tmp_path, known), known, names=(), limits=Limits())
    right = np.tile([1.0, 1.0, 0.0], 10)
    spoilt = type(found)(**{**vars(found), "right": np.repeat(right[:10], 3)})
    alone, together = spoilt.probe_interval(None), spoilt.probe_interval(np.repeat(np.arange(10), 3))
    assert together.high - together.low > 1.4 * (alone.high - alone.low)


def test_what_is_slower_than_allowed_is_an_error_with_the_numbers(tmp_path: Path) -> None:
    known = split(load_data(write_world(tmp_path / "data", train=4, test=0)))
    with pytest.raises(ModelError, match="more than 1e-06 ms"):
        score_model(candidate(tmp_path, known), known, names=(), limits=Limits(max_latency_ms=1e-6))
