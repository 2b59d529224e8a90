"""What metrics are called."""

from __future__ import annotations

from headstart.core.strategy import STRUCTURED_METRICS
from headstart.metrics.table import METRICS, STRUCTURED_TITLES, title_of


def test_every_metric_has_a_title_of_its_own() -> None:
    names = [*METRICS, *STRUCTURED_TITLES]
    assert len({title_of(name) for name in names}) == len(names)
    assert title_of("mAP50") == "mAP50"


def test_what_may_be_optimised_is_known() -> None:
    assert {name for names in STRUCTURED_METRICS.values() for name in names} <= STRUCTURED_TITLES.keys()


def test_a_name_nobody_knows_is_readable() -> None:
    assert title_of("some_share") == "some share"
