"""From cells to a verdict."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.comparing.judging import deciding, points_of
from headstart.core.gain import Decision, Gain
from headstart.core.verdict import Verdict
from tests.comparing.verdicts import cells_of, found_of, verdict_of


@pytest.mark.parametrize(
    ("reached", "items", "decision"),
    [
        ({}, 400, "helps"),
        ({"transfer": 0.4, "scratch": 0.7}, 400, "hurts"),
        ({"transfer": 0.999, "scratch": 0.999, "random-weights": 0.2}, 4000, "equivalent"),
        ({"transfer": 0.6, "scratch": 0.58}, 100, "undetermined"),
    ],
)
def test_each_of_the_four_answers(reached: dict[str, float], items: int, decision: str) -> None:
    verdict = verdict_of(reached, items=items)
    assert verdict.decision == verdict.gain.decision == decision
    assert verdict.control == "scratch"
    assert verdict.gain.estimate == pytest.approx(verdict.arm("transfer").mean - verdict.arm("scratch").mean)


def test_the_better_of_the_arms_from_nothing_is_the_control() -> None:
    verdict = verdict_of({"transfer": 0.7, "scratch": 0.2, "random-weights": 0.68}, items=60, seed=1)
    assert verdict.control == "random-weights"
    assert verdict.decision == "undetermined"
    over_scratch = next(each for each in verdict.comparisons if each.over == "scratch")
    assert over_scratch.gain.decision == "helps"


def gain(decision: Decision) -> Gain:
    return Gain(estimate=0.1, low=0.0, high=0.2, decision=decision, p_value=0.1, repeats=5, items=100, disagreement=0.2)


def test_transfer_has_to_beat_every_arm_from_nothing() -> None:
    assert deciding({"a": gain("helps"), "b": gain("helps")}, control="a") == "a"
    assert deciding({"a": gain("helps"), "b": gain("undetermined")}, control="a") == "b"
    assert deciding({"a": gain("hurts"), "b": gain("helps")}, control="a") == "a"


def test_the_main_comparison_is_not_among_the_others_and_these_are_judged_together() -> None:
    verdict = verdict_of()
    pairs = {(each.of, each.over) for each in verdict.comparisons}
    assert pairs == {("transfer", "random-weights"), ("transfer", "linear-probe"), ("linear-probe", "scratch")}
    assert min(each.gain.level for each in verdict.comparisons) > 0.95 - 1e-9
    assert max(each.gain.level for each in verdict.comparisons) > 0.95


def test_time_is_saved_by_the_fastest_pretrained_arm_that_is_good_enough() -> None:
    verdict = verdict_of()
    assert verdict.seconds_saved == pytest.approx(8.0 - 2.0)
    worse = verdict_of({"transfer": 0.4, "linear-probe": 0.3, "scratch": 0.7})
    assert worse.seconds_saved is None


def test_items_that_were_seen_before_are_left_out_of_a_second_gain() -> None:
    assert verdict_of().without_leaks is None
    found = verdict_of(leaked=(0, 1, 2, 3)).without_leaks
    assert found is not None
    assert found.items == 196
    assert verdict_of(leaked=tuple(range(199))).without_leaks is None


def test_groups_of_held_out_items_count_as_one() -> None:
    assert any("groups" in note for note in verdict_of(groups=10).gain.notes)
    assert not verdict_of().gain.notes


def test_a_learning_curve_gives_labels_saved_and_what_twice_as_many_add() -> None:
    verdict = verdict_of(shares=(0.125, 0.25, 0.5), items=1000)
    curve = verdict.arm("transfer").curve
    assert curve is not None
    assert [point.labels for point in curve.points] == [5, 10, 20, 40]
    assert verdict.arm("linear-probe").curve is None
    assert verdict.labels_saved is not None
    assert verdict.labels_saved.at == 40
    assert verdict.labels_saved.low > 40
    assert verdict.doubled is not None
    assert verdict_of().labels_saved is None


def test_points_are_ordered_by_labels() -> None:
    cells = [*cells_of("a", 0.5, items=10, repeats=2), *cells_of("a", 0.5, items=10, repeats=3, share=0.5)]
    assert [(point.labels, len(point.values)) for point in points_of(cells)] == [(20, 3), (40, 2)]


def test_a_verdict_survives_being_written_down() -> None:
    verdict = verdict_of(shares=(0.25, 0.5))
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict
    assert "folder" not in verdict.model_copy(update={"folder": "x"}).to_json()


def test_scores_keep_their_pairs() -> None:
    found = found_of(items=50)
    assert found.scores("transfer").shape == (5, 50)
    clean = found.gain("transfer", "scratch", np.arange(10))
    assert clean.items == 10
