"""The table of views."""

from __future__ import annotations

from headstart.choosing import TUNED
from headstart.core.strategy import CANDIDATES, Combination
from headstart.views import VIEWS


def test_every_candidate_of_the_rules_is_in_the_table() -> None:
    assert {name for name, kind in VIEWS.items() if kind.needs_tuned} == set(TUNED)
    candidates = set().union(*CANDIDATES.values())
    assert {name for name, kind in VIEWS.items() if not kind.needs_tuned} == candidates
    assert Combination().candidates == CANDIDATES["image"]


def test_no_two_views_are_the_same() -> None:
    kinds = [kind.model_dump_json() for kind in VIEWS.values()]
    assert len(set(kinds)) == len(kinds)


def test_networks_of_a_view_are_named_in_the_order_of_a_saved_model() -> None:
    """Places are given in this order, and a head's columns follow it."""
    for kind in VIEWS.values():
        assert list(kind.networks) == sorted(kind.networks)
