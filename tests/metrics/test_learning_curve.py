"""Learning curves: the fit, its band, and what follows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.gain import CurvePoint, LabelsSaved, LearningCurve
from headstart.metrics.learning_curve import fit_curve, gain_of_doubling, labels_saved, value_at


def curve(
    truth: Callable[[float], float], *, spread: float = 0.003, repeats: int = 5, most: int = 320, seed: int = 0
) -> LearningCurve:
    random = np.random.default_rng(seed)
    labels = [n for n in (20, 40, 80, 160, 320, 640) if n <= most]
    return fit_curve([CurvePoint(labels=n, values=tuple(truth(n) + random.normal(0, spread, repeats))) for n in labels])


def law(labels: float) -> float:
    return 0.92 - 1.5 * labels**-0.6


def test_a_known_curve_is_found_again() -> None:
    found = curve(law, most=640)
    assert found.ceiling == pytest.approx(0.92, abs=0.02)
    assert found.rate == pytest.approx(0.6, abs=0.1)
    assert found.spread < 0.01
    for labels in (20, 100, 640, 2000):
        band = value_at(found, labels=labels)
        assert band.estimate == pytest.approx(law(labels), abs=0.012)
        assert band.low <= law(labels) <= band.high
    assert type(found).model_validate_json(found.model_dump_json()) == found


def test_the_band_widens_with_every_step_beyond_the_points_and_with_the_level() -> None:
    found = curve(law)
    widths = [band.high - band.low for band in (value_at(found, labels=n) for n in (320, 640, 1280, 2560))]
    assert widths == sorted(widths)
    assert widths[-1] > 1.5 * widths[0]
    narrow = value_at(found, labels=640, level=0.5)
    assert narrow.high - narrow.low < 0.6 * widths[1]


def test_fewer_repeats_widen_the_band() -> None:
    wide, narrow = (value_at(curve(law, repeats=n, spread=0.03), labels=640) for n in (2, 20))
    assert wide.high - wide.low > 1.3 * (narrow.high - narrow.low)


def test_a_network_that_learns_nothing_at_first_does_not_spoil_the_end() -> None:
    found = curve(lambda n: 0.1 if n < 80 else 0.9 - 6 / n)
    for labels in (320, 640):
        band = value_at(found, labels=labels)
        assert band.low <= 0.9 - 6 / labels <= band.high


@pytest.mark.parametrize("slope", [0.0, -0.02])
def test_what_does_not_rise_is_flat(slope: float) -> None:
    found = curve(lambda n: 0.8 + slope * np.log2(n / 20), spread=0.01)
    assert (found.rate, found.drop) == (0, 0)
    assert value_at(found, labels=640).high > found.ceiling


def test_one_point_is_flat_and_its_band_wide() -> None:
    found = fit_curve([CurvePoint(labels=50, values=(0.6, 0.62))])
    assert (found.ceiling, found.rate) == (pytest.approx(0.61), 0)
    band = value_at(found, labels=500)
    assert band.high - band.low > 0.1


def test_a_repeat_that_went_astray_does_not_bend_the_curve() -> None:
    random = np.random.default_rng(0)
    points = [CurvePoint(labels=n, values=tuple(law(n) + random.normal(0, 0.003, 5))) for n in (20, 40, 80, 160, 320)]
    astray = points[3].model_copy(update={"values": (*points[3].values[:4], 0.1)})
    found = fit_curve([*points[:3], astray, points[4]])
    assert value_at(found, labels=320).estimate == pytest.approx(law(320), abs=0.02)


def test_doubling_brings_what_the_curve_says() -> None:
    found = gain_of_doubling(curve(law))
    assert found.low < law(640) - law(320) < found.high
    assert found.estimate == pytest.approx(law(640) - law(320), abs=0.01)
    steep = gain_of_doubling(curve(lambda n: 0.15 * np.log2(n / 10), most=160))
    assert steep.estimate > 0.03


def test_labels_saved_within_what_was_measured() -> None:
    transfer = curve(lambda n: 0.92 - 0.5 * n**-0.6)
    found = labels_saved(transfer, curve(law, most=640), at=40)
    needed = (1.5 / 0.5) ** (1 / 0.6) * 40
    assert found.needed is not None
    assert found.high is not None
    assert found.low <= needed <= found.high
    assert found.needed == pytest.approx(needed, rel=0.2)
    assert found.saved == found.needed - 40
    assert found.reached == pytest.approx(0.92 - 0.5 * 40**-0.6, abs=0.01)


def test_what_lies_beyond_ten_times_the_labels_is_not_said() -> None:
    found = labels_saved(curve(lambda n: 0.99 + 0 * n), curve(lambda n: 0.7 - n**-0.5), at=20)
    assert (found.needed, found.high, found.saved) == (None, None, None)
    assert 320 <= found.low <= 3200


def test_transfer_that_costs_labels_saves_fewer_than_none() -> None:
    found = labels_saved(curve(law), curve(lambda n: 0.92 - 0.5 * n**-0.6), at=320)
    assert found.saved is not None
    assert found.saved < 0


@given(
    st.lists(st.tuples(st.integers(1, 500), st.lists(st.floats(0, 1), min_size=1, max_size=4)), min_size=1, max_size=5)
)
@settings(max_examples=25)
def test_any_points_have_a_curve_within_range(raw: list[tuple[int, list[float]]]) -> None:
    found = fit_curve([CurvePoint(labels=labels, values=tuple(values)) for labels, values in raw])
    assert 0 <= found.ceiling <= 1
    assert found.drop >= 0
    for labels in (1, 1000):
        band = value_at(found, labels=labels)
        assert 0 <= band.low <= band.estimate <= band.high <= 1
    saved = labels_saved(found, found, at=10)
    assert isinstance(saved, LabelsSaved)
    assert saved.low >= 1
