"""The base of scores: it refuses with the reason, and asks nothing of rows that cannot be used."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.errors import DataError
from headstart.core.rows import Rows
from headstart.scores.prepared import Prepared, prepare
from headstart.scores.score import Score, small_class
from tests.scores.samples import gaussian, unequal


class Width(Score):
    """The number of features."""

    name = "width"

    def lacking(self, rows: Prepared) -> str | None:
        return "it needs an even number of features" if rows.x.shape[1] % 2 else None

    def compute(self, rows: Prepared, *, seed: int) -> float:
        return float(rows.x.shape[1] + seed)


def test_it_is_computed_where_it_applies() -> None:
    assert Width()(gaussian(10, 4), seed=3) == 7


def test_otherwise_the_reason_is_the_error() -> None:
    with pytest.raises(DataError, match="The score width does not apply: it needs an even number of features"):
        Width()(gaussian(10, 5), seed=0)


def test_unusable_rows_come_first() -> None:
    assert Width().applies(Rows(np.ones((4, 5)), np.zeros(4, int))) == "there are fewer than two classes"


def test_small_classes_are_counted() -> None:
    assert small_class(prepare(unequal()), least=10) == "it needs 10 rows of every class, and 2 have fewer"
    assert small_class(prepare(unequal()), least=4) is None
