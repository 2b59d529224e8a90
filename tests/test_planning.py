"""Options and data -> a plan with reasons."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart import models, planning
from headstart.core.card import InputFacts, ModelCard
from headstart.core.errors import OptionError
from headstart.core.options import FitOptions, StrategyOptions
from headstart.core.strategy import Plan, Reason
from headstart.loading import load_data, split
from headstart.methods import METHODS
from headstart.methods.method import Situation
from headstart.methods.suited import strategy_for
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


@pytest.mark.parametrize("strategy", ["lp-ft", "scratch"])
def test_a_rate_for_the_body_leaves_the_head_its_own(tmp_path: Path, strategy: str) -> None:
    (own,) = planned(tmp_path / "own", strategy=strategy).strategy.rules
    both = planned(tmp_path / "both", strategy=strategy, settings={"learning_rate": 0.5, "backbone_learning_rate": 0.1})
    assert {rule.pattern: rule.learning_rate for rule in both.strategy.rules} == {"head.*": 0.5, "backbone.*": 0.1}
    body = planned(tmp_path / "body", strategy=strategy, settings={"backbone_learning_rate": 0.1})
    assert {rule.pattern: rule.learning_rate for rule in body.strategy.rules} == {
        "head.*": own.learning_rate,
        "backbone.*": 0.1,
    }


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


def test_a_metric_of_another_task_is_refused_with_those_of_this_one(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="--metric mAP is for other tasks than image-classification") as caught:
        planned(tmp_path, metric="mAP")
    assert "auroc" in caught.value.hint
    assert "mean_iou" not in caught.value.hint


def test_an_unknown_strategy_is_suggested(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="Did you mean 'full'"):
        planned(tmp_path, strategy="ful")


def test_settings_of_the_strategies_reach_the_plan(tmp_path: Path) -> None:
    settings = {
        "layer_decay": 0.9,
        "thaw": 0.25,
        "anchor": 0.1,
        "mixup": 0.2,
        "average_decay": 0.9,
        "soup": True,
        "train_size": 32,
    }
    found = planned(tmp_path, strategy="full", settings=settings).strategy
    assert {name: getattr(found, name) for name in settings} == settings


def test_a_rank_by_hand_keeps_the_strength_of_the_updates(tmp_path: Path) -> None:
    found = planned(tmp_path, strategy="lora", settings={"rank": 4, "backbone_learning_rate": 0.01}).strategy
    assert found.adapter is not None
    assert (found.adapter.rank, found.adapter.alpha, found.adapter.learning_rate) == (4, 8.0, 0.01)


def test_rules_for_normalisation_survive_rates_by_hand(tmp_path: Path) -> None:
    rules = planned(tmp_path, strategy="norm-only", settings={"backbone_learning_rate": 0.01}).strategy.rules
    assert [(rule.only, rule.learning_rate) for rule in rules] == [
        ("all", 3e-4),
        ("normalisation", 0.01),
        ("all", None),
    ]


@pytest.mark.parametrize(
    ("strategy", "settings", "problems"),
    [
        ("linear-probe", {"thaw": 0.5, "anchor": 0.1, "layer_decay": 0.5, "rank": 2}, 4),
        ("scratch", {"anchor": 0.1, "rank": 2}, 2),
        ("lora", {"anchor": 0.1, "solver": "ridge"}, 2),
        ("full", {"train_size": 64, "augmentation": "flip", "strength": 1.0}, 2),
        (
            "contrastive",
            {"mixup": 0.2, "label_smoothing": 0.1, "early_stopping": True, "soup": True, "solver": "ridge"},
            5,
        ),
    ],
)
def test_what_does_not_go_with_a_strategy_is_named(
    tmp_path: Path, strategy: str, settings: dict[str, object], problems: int
) -> None:
    with pytest.raises(OptionError) as caught:
        planned(tmp_path, strategy=strategy, settings=settings)
    assert len(caught.value.problems) == problems, caught.value.problems


def test_early_stopping_is_on_where_there_are_validation_data_to_stop_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = planned(tmp_path / "few", strategy="full")
    assert not few.strategy.early_stopping
    assert "12 validation items" in next(each.why for each in few.reasons if each.choice == "early stopping")
    assert planned(tmp_path / "asked", strategy="full", settings={"early_stopping": True}).strategy.early_stopping
    monkeypatch.setattr(planning, "LEAST_TO_STOP_BY", 12)
    for strategy, on in (("full", True), ("lp-ft", True), ("lora", True), ("norm-only", True), ("scratch", False)):
        assert planned(tmp_path / strategy, strategy=strategy).strategy.early_stopping == on
    without = planned(tmp_path / "without", strategy="full", validation=0.0)
    assert not without.strategy.early_stopping
    assert any(reason.choice == "early stopping" for reason in without.reasons)
    with pytest.raises(OptionError, match="--soup needs validation data"):
        planned(tmp_path / "soup", strategy="full", validation=0.0, settings={"soup": True})


@pytest.mark.parametrize(("image_size", "side"), [(None, None), (32, None), (224, 160), (160, None)])
def test_the_size_that_is_trained_at_follows_the_size_by_hand(
    tmp_path: Path, image_size: int | None, side: int | None
) -> None:
    """The network's own size is 32; by the size of the card alone, a larger input would be trained at full size."""
    assert planned(tmp_path, strategy="lp-ft", image_size=image_size).strategy.train_size == side


def test_a_network_is_never_trained_at_more_pixels_than_it_is_tested_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_facts(monkeypatch, size=(224, 224))
    assert planned(tmp_path / "own", strategy="lp-ft").strategy.train_size == 160
    found = planned(tmp_path / "small", strategy="lp-ft", image_size=64)
    assert (found.input.size, found.strategy.train_size) == ((64, 64), None)


def test_a_network_of_one_size_is_not_trained_at_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _with_facts(monkeypatch, fixed_size=True)
    with pytest.raises(OptionError, match="--train-size 24.* the network takes 32 x 32 pixels only") as caught:
        planned(tmp_path / "other", strategy="full", settings={"train_size": 24, "strength": 1.0})
    assert len(caught.value.problems) == 2
    assert planned(tmp_path / "own", strategy="full", settings={"train_size": 32}).strategy.train_size == 32


def _with_facts(monkeypatch: pytest.MonkeyPatch, **facts: object) -> None:
    real = models.card

    def card(*given: object, **options: object) -> ModelCard:
        found: ModelCard = real(*given, **options)  # type: ignore[arg-type]
        assert found.input is not None
        return found.model_copy(update={"input": found.input.model_copy(update=facts)})

    monkeypatch.setattr(models, "card", card)


@pytest.mark.parametrize(("parameters", "said"), [(None, False), (9_000, False), (2_000_000, True)])
def test_it_is_said_when_a_network_is_large_for_the_data(parameters: int | None, said: bool) -> None:
    reasons: list[Reason] = []
    planning._weigh(ModelCard(id="a/b", source="a", parameters=parameters), 100, reasons, compared="the probe")
    assert [reason.choice for reason in reasons] == (["weights"] if said else [])
    if said:
        assert "20,000 for each of 100 pictures" in reasons[0].why
        assert "only kept where it beats the probe. headstart" in reasons[0].why


@pytest.mark.parametrize(
    ("name", "task", "compared"),
    [
        ("full", "", "the probe"),
        ("linear-probe", "", "the probe"),
        ("contrastive", "", ""),
        ("scratch", "", ""),
        ("lp-ft", "object-detection", "the head alone"),
        ("norm-only", "semantic-segmentation", "the head alone"),
        ("lora", "token-classification", "the head alone"),
        ("full", "semantic-segmentation", ""),
        ("linear-probe", "object-detection", ""),
        ("scratch", "token-classification", ""),
    ],
)
def test_it_is_said_what_a_training_has_to_beat(name: str, task: str, compared: str) -> None:
    card = ModelCard(id="a/b", source="a", input=InputFacts())
    strategy = strategy_for(name, Situation(500, 5, card, task))
    assert planning._compared(METHODS[name](), strategy, structured=bool(task)) == compared


def test_a_network_without_a_gradient_keeps_to_its_features(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _with_facts(monkeypatch)
    known = models.card
    monkeypatch.setattr(
        models, "card", lambda *given, **named: known(*given, **named).model_copy(update={"gives": ("pooled",)})
    )
    assert planned(tmp_path / "probe", strategy="linear-probe").strategy.method == "linear-probe"
    automatic = planned(tmp_path / "auto")
    assert any(reason.choice == "network" and "no gradient" in reason.why for reason in automatic.reasons)
    for strategy in ("lp-ft", "lora", "norm-only", "scratch"):
        with pytest.raises(OptionError, match=f"--strategy {strategy} trains .* gives features but no"):
            planned(tmp_path / strategy, strategy=strategy)
