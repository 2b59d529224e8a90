"""Rankings that were made before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import headstart as hs
from headstart import ranking as procedure
from headstart import ranking_cache
from headstart.core.ranking import Ranking
from headstart.loading import load_data, split
from headstart.models.cards.candidates import expand
from tests.worlds import write_network

pytestmark = pytest.mark.usefixtures("brief")


def test_the_same_ranking_is_not_made_twice_and_another_is(
    world: Path, zoo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    original = procedure.rank
    monkeypatch.setattr(procedure, "rank", lambda *given: made.append(1) or original(*given))
    options = hs.RankOptions(models=(str(zoo),), fine_tune=False, image_size=32)
    first = hs.rank(world, options=options)
    assert hs.rank(world, options=options) == first
    assert len(made) == 1
    hs.rank(world, options=options.model_copy(update={"seed": 1}))
    write_network(zoo / "second", seed=7)  # other weights in the same place
    hs.rank(world, options=options)
    assert len(made) == 3


def test_a_damaged_ranking_in_the_cache_is_made_again(world: Path, zoo: Path, own_cache: Path) -> None:
    options = hs.RankOptions(models=(str(zoo / "first"),), fine_tune=False, image_size=32)
    first = hs.rank(world, options=options)
    (kept,) = (own_cache / "rankings").iterdir()
    kept.write_text("{")
    again = hs.rank(world, options=options)
    assert again.order == first.order
    assert Ranking.read(kept) == again


def test_the_key_of_a_ranking_holds_all_that_it_depends_on(world: Path, zoo: Path) -> None:
    dataset = split(load_data(world))
    options, candidates = hs.RankOptions(), expand((str(zoo),))
    key = ranking_cache._key(dataset, candidates, options)
    fewer = candidates.model_copy(update={"cards": candidates.cards[:1]})
    parts = np.roll(dataset.parts, 1)
    others = [
        ranking_cache._key(dataset, fewer, options),
        ranking_cache._key(replace(dataset, parts=parts), candidates, options),
        ranking_cache._key(dataset, candidates, options.model_copy(update={"items": 20})),
    ]
    assert len({key, *others}) == 4
