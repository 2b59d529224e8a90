"""What `fit --model auto` stands for."""

from __future__ import annotations

from pathlib import Path

import pytest

import headstart as hs
from headstart import model_choice, models
from headstart.core.ranking import Ranking
from headstart.loading import load_data, split
from headstart.model_choice import choose_model
from headstart.models.availability import DefaultModel

pytestmark = pytest.mark.usefixtures("brief")


def test_fit_takes_what_the_ranking_says(
    world: Path, zoo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = hs.rank(world, options=hs.RankOptions(models=(str(zoo),), fine_tune=False, image_size=32))
    monkeypatch.setattr(model_choice, "_candidates", lambda _: [models.card(row.id) for row in cards.rows])
    options = hs.FitOptions(strategy="linear-probe", image_size=32)
    run = hs.fit(world, output=tmp_path / "run", options=options)
    kept = Ranking.read(tmp_path / "run" / "ranking.json")
    assert run.record.plan.model == kept.chosen
    told = next(reason for reason in run.record.plan.reasons if reason.choice == "model")
    assert "of 3 candidates" in told.why


def test_one_candidate_needs_no_ranking(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the network and a cache there is the bundled model."""
    dataset = split(load_data(world))
    found = choose_model(dataset, hs.FitOptions(), tmp_path)
    assert isinstance(found, DefaultModel)
    assert "stands in for" in found.why
    assert not (tmp_path / "ranking.json").exists()
