"""Scores with intervals: they cover, they know groups, they are never certain, and they say why one is missing."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.errors import OptionError
from headstart.core.rows import Rows
from headstart.scores import DEFAULT_SCORES, SCORES
from headstart.scores.intervals import Error, Scored, interval, score_all
from tests.scores.samples import gaussian, several_labels


def test_every_default_score_comes_with_its_value_and_an_interval() -> None:
    rows = gaussian(80, 10)
    found = score_all(rows, DEFAULT_SCORES, seed=0)
    assert list(found) == list(DEFAULT_SCORES)
    for name, scored in found.items():
        assert scored.value == pytest.approx(SCORES[name](rows, seed=0), abs=1e-12)
        assert scored.low is not None
        assert scored.high is not None
        assert scored.low < scored.value < scored.high
        assert scored.rows == 80
        assert scored.seconds > 0
        assert scored.skipped_reason is None


def test_the_seed_decides() -> None:
    rows = gaussian(60, 8)
    first, again, other = (score_all(rows, ("knn", "logme"), seed=seed)["logme"] for seed in (0, 0, 1))
    assert (first.low, first.high) == (again.low, again.high)
    assert first.value == other.value
    assert first.low != other.low


def test_what_does_not_apply_is_named_with_its_reason() -> None:
    rows = several_labels()
    found = score_all(rows, ("nce", "ridge", "lda"), seed=0)
    assert found["nce"] == Scored(skipped_reason="it is defined for one label an item")
    assert found["ridge"].value is not None
    assert found["lda"].value is None


def test_an_unknown_score_is_an_error() -> None:
    with pytest.raises(OptionError, match="Did you mean 'logme'"):
        score_all(gaussian(20, 3), ("logm",), seed=0)


def test_without_repeats_or_with_too_few_rows_there_is_no_interval() -> None:
    assert score_all(gaussian(30, 3), ("knn",), seed=0, repeats=0)["knn"].low is None
    few = score_all(gaussian(6, 3), ("knn",), seed=0)["knn"]
    assert few.value is not None
    assert few.low is None


def test_a_dear_score_is_given_fewer_rows() -> None:
    found = score_all(gaussian(700, 6), ("parc", "knn"), seed=0, repeats=2)
    assert found["parc"].rows == pytest.approx(500, abs=3)
    assert found["knn"].rows == 700


def test_it_narrows_with_the_root_of_the_rows() -> None:
    widths = {}
    for count in (100, 1600):
        found = score_all(gaussian(count, 5), ("logme", "nce"), seed=0)
        widths[count] = {name: scored.high - scored.low for name, scored in found.items()}  # type: ignore[operator]
    for name in ("logme", "nce"):
        assert widths[100][name] / widths[1600][name] == pytest.approx(4, rel=0.5)


def test_all_right_is_not_certain() -> None:
    found = score_all(gaussian(40, 6, signal=20), ("ridge",), seed=0)["ridge"]
    assert found.value == found.high == 1
    assert found.low is not None
    assert 0.8 < found.low < 0.95


def test_copies_narrow_it_only_where_they_are_not_known() -> None:
    once = gaussian(40, 6)
    copies = [np.repeat(values, 8, axis=0) for values in (once.x, once.y, once.source_probabilities)]
    blind = score_all(Rows(*copies), ("nce",), seed=0)["nce"]
    known = score_all(Rows(*copies, groups=np.repeat(np.arange(40), 8)), ("nce",), seed=0)["nce"]
    alone = score_all(once, ("nce",), seed=0)["nce"]
    assert known.value == pytest.approx(blind.value)
    assert known.high - known.low == pytest.approx(alone.high - alone.low, rel=0.35)  # type: ignore[operator]
    assert blind.high - blind.low < 0.6 * (known.high - known.low)  # type: ignore[operator]


def test_students_quantile_belongs_to_the_number_of_subsamples_or_units() -> None:
    logme = SCORES["logme"]
    assert interval(1.0, score=logme, error=Error(size=0.1, subsamples=20, units=100)) == pytest.approx(
        (1 - 0.2093, 1 + 0.2093), abs=1e-4
    )
    assert interval(1.0, score=logme, error=Error(size=0.1, subsamples=20, units=3))[1] == pytest.approx(
        1.4303, abs=1e-4
    )


@pytest.mark.parametrize("shape", [(80, 12), (50, 90)])
def test_it_holds_the_mean_over_new_rows_as_often_as_it_says(shape: tuple[int, int]) -> None:
    """Cautious ones too: nearest neighbours and probes lose more than a half when half of the rows are gone."""
    repeats, means = 40, np.random.default_rng(0).normal(size=(3, shape[1]))
    found = []
    for seed in range(repeats):
        made = gaussian(*shape, signal=0, seed=seed, offset=0)
        x = made.x + 0.5 * means[made.y] / np.sqrt(1 + np.arange(shape[1]))
        found.append(score_all(Rows(x, made.y, made.source_probabilities), DEFAULT_SCORES, seed=seed, repeats=10))
    for name in DEFAULT_SCORES:
        truth = np.mean([scored[name].value for scored in found])
        held = np.mean([scored[name].low <= truth <= scored[name].high for scored in found])
        assert held >= 0.85, name
