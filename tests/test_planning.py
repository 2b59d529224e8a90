"""Options and data -> a plan with reasons."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.errors import OptionError
from headstart.core.options import FitOptions, StrategyOptions
from headstart.core.strategy import Plan
from headstart.pipeline import load_data, split
from headstart.planning import plan
from tests.worlds import write_network, write_world


def planned(tmp_path: Path, **options: object) -> Plan:
    network = write_network(tmp_path / "network")
    data = load_data(write_world(tmp_path / "data"))
    settings = options.pop("settings", {})
    given = FitOptions(model=str(network), settings=StrategyOptions(**settings), **options)  # type: ignore[arg-type]
    return plan(split(data, given), given)


def test_every_choice_has_a_reason(tmp_path: Path) -> None:
    found = planned(tmp_path)
    assert {reason.choice for reason in found.reasons} >= {"model", "strategy"}
    assert all(reason.why for reason in found.reasons)
    assert found.strategy.method == "linear-probe"
    assert found.revision


def test_a_plan_survives_json(tmp_path: Path) -> None:
    found = planned(tmp_path, strategy="full", settings={"epochs": 3})
    found.write(tmp_path / "plan.json")
    assert Plan.read(tmp_path / "plan.json") == found


def test_a_loop_setting_turns_the_probe_into_training(tmp_path: Path) -> None:
    found = planned(tmp_path, strategy="linear-probe", settings={"optimizer": "sgd", "learning_rate": 0.001})
    assert found.strategy.solver == "gradient"
    rates = {rule.pattern: rule.learning_rate for rule in found.strategy.rules}
    assert rates == {"backbone.*": None, "head.*": 0.001}
    assert any(reason.choice == "solver" and "optimizer" in reason.why for reason in found.reasons)


def test_rates_by_hand_reach_their_parts(tmp_path: Path) -> None:
    settings = {"learning_rate": 0.5, "backbone_learning_rate": 0.25}
    rates = {
        rule.pattern: rule.learning_rate
        for rule in planned(tmp_path, strategy="full", settings=settings).strategy.rules
    }
    assert rates == {"head.*": 0.5, "backbone.*": 0.25}


def test_one_rate_moves_a_uniform_strategy_as_a_whole(tmp_path: Path) -> None:
    found = planned(tmp_path, strategy="scratch", settings={"learning_rate": 0.02})
    assert {rule.learning_rate for rule in found.strategy.rules} == {0.02}
    assert not found.pretrained


def test_contradictions_are_reported_together(tmp_path: Path) -> None:
    with pytest.raises(OptionError) as caught:
        planned(
            tmp_path,
            strategy="linear-probe",
            settings={"solver": "ridge", "epochs": 3, "momentum": 0.5, "backbone_learning_rate": 0.1},
        )
    assert len(caught.value.problems) == 3


def test_a_solver_needs_the_probe(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="linear-probe"):
        planned(tmp_path, strategy="full", settings={"solver": "ridge"})


def test_image_size_and_channels_change_the_input(tmp_path: Path) -> None:
    found = planned(tmp_path, image_size=48, channels=1)
    assert found.input.size == (48, 48)
    assert found.input.channels == len(found.input.mean) == len(found.input.std) == 1


def test_an_unknown_strategy_is_suggested(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="Did you mean 'full'"):
        planned(tmp_path, strategy="ful")
