"""A ranking from beginning to end, on a small world with tiny networks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import headstart as hs
from headstart import racing, ranking_cache
from headstart.core.candidates import Limits
from headstart.core.errors import ModelError, OptionError
from headstart.core.ranking import Ranking
from headstart.model_choice import choose_model
from headstart.models.availability import DefaultModel
from headstart.pipeline import load_data, split
from tests.worlds import write_network, write_world


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither how long an item takes nor how much a training gains is what is tested here."""
    monkeypatch.setattr("headstart.scoring.LATENCY_SECONDS", 0.01)
    monkeypatch.setattr("headstart.methods.lp_ft.epochs_for", lambda *_, **__: 2)
    monkeypatch.setattr(racing, "LAPS", racing.LAPS[:2])


@pytest.fixture
def world(tmp_path: Path) -> Path:
    return write_world(tmp_path / "data", train=10, test=4)


@pytest.fixture
def zoo(tmp_path: Path) -> Path:
    """Three networks that can be loaded, two of one size, and one that cannot."""
    folder = tmp_path / "zoo"
    write_network(folder / "first", seed=0)
    write_network(folder / "second", seed=1)
    write_network(folder / "vit", name="test_vit", seed=0)
    (folder / "broken").mkdir()
    (folder / "broken" / "config.json").write_text(json.dumps({"architecture": "test_resnet"}))
    return folder


def test_every_candidate_is_in_the_table_or_has_a_reason(world: Path, zoo: Path, tmp_path: Path) -> None:
    options = hs.RankOptions(models=(str(zoo),), budget=600, image_size=32)
    found = hs.rank(world, options=options, output=tmp_path / "out")
    assert {row.id for row in found.rows} == {str(zoo / name) for name in ("first", "second", "vit")}
    assert [skipped.id for skipped in found.skipped] == [str(zoo / "broken")]
    assert found.skipped[0].why
    assert found.order == tuple(row.id for row in found.rows)
    assert found.order[0] == found.chosen
    assert found.items == {"looked at": 30, "held out": 12}
    assert Ranking.read(tmp_path / "out" / "ranking.json") == found
    assert (tmp_path / "out" / "ranking.png").read_bytes().startswith(b"\x89PNG")
    for row in found.rows:
        assert {"logme", "hscore", "ridge", "knn"} <= row.scores.keys() | row.not_scored.keys()
        assert row.behind.low <= row.behind.value <= row.behind.high
        assert row.tied == (row.behind.low <= 0)
        assert row.milliseconds > 0
        assert set(row.seconds) >= {"load", "features", "scores", "probe"}
    assert [reason.choice for reason in found.reasons][-1] == "model"


def test_short_trainings_are_for_the_finalists_on_items_that_they_have_not_seen(world: Path, zoo: Path) -> None:
    found = hs.rank(world, options=hs.RankOptions(models=(str(zoo),), budget=600, image_size=32))
    trained = [row for row in found.rows if row.trials]
    assert len(trained) >= 2
    for row in trained:
        assert row.trials[0].share == racing.LAPS[0][0]
        assert all(0 < trial.items < 30 for trial in row.trials)
        assert row.score >= max(trial.score for trial in row.trials)


def test_without_trainings_the_probe_and_the_scores_decide(world: Path, zoo: Path) -> None:
    found = hs.rank(world, options=hs.RankOptions(models=(str(zoo),), fine_tune=False, image_size=32))
    assert not any(row.trials for row in found.rows)
    assert any(reason.choice == "short trainings" and reason.value == "none" for reason in found.reasons)


def test_the_same_ranking_is_not_made_twice_and_another_is(
    world: Path, zoo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    import headstart.ranking as procedure

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


def test_limits_are_kept_and_said(world: Path, zoo: Path) -> None:
    limits = Limits(max_latency_ms=1e-6)
    with pytest.raises(ModelError, match="None of the candidates can be ranked") as raised:
        hs.rank(world, options=hs.RankOptions(models=(str(zoo),), limits=limits, image_size=32))
    assert sum("more than 1e-06 ms" in problem for problem in raised.value.problems) == 3


def test_what_names_nothing_is_a_mistake(world: Path) -> None:
    with pytest.raises(OptionError):
        hs.rank(world, options=hs.RankOptions(models=("./nowhere/*", "timm/no-such-net")))


def test_a_network_that_fails_does_not_take_the_others_with_it(
    world: Path, zoo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import headstart.ranking as procedure

    original = procedure.score_model

    def failing(candidate: object, *given: object, **named: object) -> object:
        if candidate.card.id.endswith("vit"):  # type: ignore[attr-defined]
            raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")
        return original(candidate, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(procedure, "score_model", failing)
    found = hs.rank(world, options=hs.RankOptions(models=(str(zoo),), fine_tune=False, image_size=32))
    assert len(found.rows) == 2
    assert any("mat1 and mat2" in skipped.why for skipped in found.skipped)


def test_test_items_take_part_in_nothing(world: Path, zoo: Path, tmp_path: Path) -> None:
    """Other pictures in the held-out part, the same ranking."""
    options = hs.RankOptions(models=(str(zoo),), budget=600, image_size=32)
    first = hs.rank(world, options=options)
    other = write_world(tmp_path / "other", train=10, test=4)
    for place, picture in enumerate(sorted((other / "test").rglob("*.png"))):
        picture.write_bytes(sorted((world / "test").rglob("*.png"))[-1 - place].read_bytes())
    second = hs.rank(other, options=options)
    assert second.data_fingerprint != first.data_fingerprint
    for ours, theirs in zip(
        sorted(first.rows, key=lambda r: r.id), sorted(second.rows, key=lambda r: r.id), strict=True
    ):
        assert ours.probe == theirs.probe
        assert ours.scores == theirs.scores


def test_fit_takes_what_the_ranking_says(
    world: Path, zoo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = hs.rank(world, options=hs.RankOptions(models=(str(zoo),), fine_tune=False, image_size=32))
    from headstart import model_choice, models

    monkeypatch.setattr(model_choice, "_candidates", lambda: [models.card(row.id) for row in cards.rows])
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


def test_the_key_of_a_ranking_holds_all_that_it_depends_on(world: Path, zoo: Path) -> None:
    from headstart.models.candidates import expand

    dataset = split(load_data(world))
    options, candidates = hs.RankOptions(), expand((str(zoo),))
    key = ranking_cache._key(dataset, candidates, options)
    fewer = candidates.model_copy(update={"cards": candidates.cards[:1]})
    parts = np.roll(dataset.parts, 1)
    from dataclasses import replace

    others = [
        ranking_cache._key(dataset, fewer, options),
        ranking_cache._key(replace(dataset, parts=parts), candidates, options),
        ranking_cache._key(dataset, candidates, options.model_copy(update={"items": 20})),
    ]
    assert len({key, *others}) == 4
