"""A ranking from beginning to end, on a small world with tiny networks."""

from __future__ import annotations

from pathlib import Path

import pytest

import headstart as hs
from headstart import ranking as procedure
from headstart.core.candidates import Limits
from headstart.core.errors import ModelError, OptionError
from headstart.core.ranking import Ranking
from headstart.scores import DEFAULT_SCORES
from tests.worlds import write_world

pytestmark = pytest.mark.usefixtures("brief")


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
        assert set(DEFAULT_SCORES) <= row.scores.keys() | row.not_scored.keys()
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
        assert row.trials[0].share == 1.0  # of a recipe of few steps
        assert all(0 < trial.items < 30 for trial in row.trials)
        assert row.score >= max(trial.score for trial in row.trials)


def test_without_trainings_the_probe_and_the_scores_decide(world: Path, zoo: Path) -> None:
    found = hs.rank(world, options=hs.RankOptions(models=(str(zoo),), fine_tune=False, image_size=32))
    assert not any(row.trials for row in found.rows)
    assert any(reason.choice == "short trainings" and reason.value == "none" for reason in found.reasons)


def test_few_items_are_no_judges_of_trainings(world: Path, zoo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headstart.ranking.LEAST_JUDGED", 200)
    found = hs.rank(world, options=hs.RankOptions(models=(str(zoo),), budget=600, image_size=32))
    assert not any(row.trials for row in found.rows)
    assert "half of 30 items" in next(reason.why for reason in found.reasons if reason.choice == "short trainings")
    assert found.chosen == min(found.rows, key=lambda row: (row.behind.value, row.milliseconds)).id


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
