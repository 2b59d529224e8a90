"""Data, profile and options -> a plan. Every choice leaves its reason."""

from __future__ import annotations

from typing import get_args

from headstart import models
from headstart.core.card import ModelCard, ModelInput
from headstart.core.dataset import Dataset, Part
from headstart.core.errors import OptionError
from headstart.core.modality import counted
from headstart.core.options import FitOptions, StrategyOptions
from headstart.core.strategy import (
    CANDIDATES,
    STRUCTURED_METRICS,
    Adapter,
    Combination,
    Goal,
    MetricName,
    Plan,
    Reason,
    Strategy,
)
from headstart.data.script import script_of
from headstart.methods import METHODS
from headstart.methods.by_hand import LOOP_ONLY, body_rules, check, option
from headstart.methods.method import Method, Situation
from headstart.methods.rates import with_rates
from headstart.methods.suited import strategy_for
from headstart.models.availability import DefaultModel
from headstart.models.inputs.input_choice import check_modality, choose_input, fit_input

LARGE_FOR_AN_ITEM = 10_000
"""Weights an item from which on it is said that the network is large: 200 pictures for MobileNetV2, with which
full fine-tuning from a fresh head fell below the probe (cifar10: 15.1 against 57.8 %)."""
WITH_AUTO = ("class_weights",)
LEAST_TO_STOP_BY = 100
"""With fewer validation items luck says which epoch is best, and a schedule that is broken off ends at a high rate:
with 16 to 25 items, lp-ft and full are 1 to 8 points better without early stopping (benchmarks/early_stopping.py).
Structured tasks have many answers to an item."""


def plan(dataset: Dataset, options: FitOptions, *, chosen: DefaultModel | None = None) -> Plan:
    """Decide everything that `execute` needs, for a data set whose parts are assigned.

    `chosen` is what `--model auto` stands for, where that was found out before.
    Raises `OptionError` for options that do not go together, all of them at once, and `ModelError` where the model
    cannot be had.
    """
    reasons: list[Reason] = []
    model = _model(dataset, options, chosen, reasons)
    structured = dataset.structured
    automatic = options.strategy == "auto"
    method_name = _method(options, reasons, structured=structured)
    method = METHODS[method_name]()
    if automatic:
        _check_automatic(options.settings)
    card = models.card(model, pretrained=method.pretrained)
    check_modality(card, dataset.modality)
    items = len(dataset.indices(Part.TRAIN, Part.VALIDATION))
    chosen_input = choose_input(card, options, reasons, task=dataset.task)
    facts = fit_input(dataset, chosen_input, options, reasons)
    seen = card.model_copy(update={"input": facts})  # what a method says of sizes is for the inputs as they will be
    strategy = strategy_for(
        method_name, Situation(items, len(dataset.labels), seen, dataset.task if structured else "")
    )
    _check_contrast(dataset, strategy)
    _weigh(card, items, reasons, compared=_compared(method, strategy, structured=structured))
    _check_gradient(card, strategy, reasons=reasons)
    validation, least = len(dataset.indices(Part.VALIDATION)), 1 if structured else LEAST_TO_STOP_BY
    reasons += _early_stopping(strategy, options.settings, validation=validation, least=least)
    if validation < least:
        strategy = strategy.model_copy(update={"early_stopping": False})
    strategy = _by_hand(
        method,
        strategy,
        options.settings,
        facts=facts,
        validation=validation > 0,
        task=dataset.task if structured else "",
        reasons=reasons,
    )
    return Plan(
        task=dataset.task,
        model=model,
        revision=card.revision,
        pretrained=method.pretrained,
        strategy=strategy,
        goal=Goal(metric=_metric(dataset, options), specificity=options.specificity),
        input=facts,
        seed=options.seed,
        device=options.device,
        precision=options.precision,
        mirrored=_mirrored(dataset, options),
        combination=_combination(dataset, options) if automatic and not structured else None,
        budget=options.budget,
        reasons=tuple(reasons),
    )


def _combination(dataset: Dataset, options: FitOptions) -> Combination:
    return Combination(candidates=CANDIDATES[dataset.modality], single=options.single)


def _metric(dataset: Dataset, options: FitOptions) -> MetricName:
    """What is optimised. Raises `OptionError` for a metric of another task."""
    known = STRUCTURED_METRICS.get(dataset.task, ())
    if known and options.metric == FitOptions().metric:
        return known[0]
    elsewhere = [name for names in STRUCTURED_METRICS.values() for name in names]
    if options.metric in known or not (known or options.metric in elsewhere):
        return options.metric
    if known:
        raise OptionError(
            f"--metric {options.metric} says nothing of {dataset.task}.", hint=f"Use {' or '.join(known)}."
        )
    fitting = [name for name in get_args(MetricName) if name not in elsewhere]
    raise OptionError(
        f"--metric {options.metric} is for other tasks than {dataset.task}.", hint=f"Use one of {', '.join(fitting)}."
    )


def _check_gradient(card: ModelCard, strategy: Strategy, *, reasons: list[Reason]) -> None:
    """Raise `OptionError` for a strategy that moves weights which no gradient reaches; say why the network stays."""
    if "gradient" in card.gives:
        return
    if strategy.adapter is not None or any(rule.learning_rate is not None for rule in body_rules(strategy.rules)):
        raise OptionError(
            f"--strategy {strategy.method} trains the network, and {card.id} gives features but no gradient. "
            f"{card.note}",
            hint="Name linear-probe or auto, which learn from its features, or take a model of another source.",
        )
    reasons.append(Reason(choice="network", value="stays as it is", why=f"it gives no gradient. {card.note}"))


def _mirrored(dataset: Dataset, options: FitOptions) -> bool | None:
    """Whether mirror images are averaged, which only pictures have; None where that is yet to be seen."""
    undecided = options.strategy == "auto" and dataset.modality == "image" and not dataset.structured
    return options.mirrored if undecided else bool(options.mirrored)


def _model(dataset: Dataset, options: FitOptions, chosen: DefaultModel | None, reasons: list[Reason]) -> str:
    if options.model != "auto":
        reasons.append(Reason(choice="model", value=options.model, why="given"))
        return options.model
    chosen = chosen or models.default_for(dataset.modality, script_of(dataset))
    reasons.append(Reason(choice="model", value=chosen.id, why=chosen.why))
    return chosen.id


def _compared(method: Method, strategy: Strategy, *, structured: bool) -> str:
    """What a training is only kept where it beats, if anything."""
    if structured:
        return "the head alone" if strategy.start == "probe" else ""
    return "the probe" if method.pretrained and strategy.contrast is None else ""


def _weigh(card: ModelCard, items: int, reasons: list[Reason], *, compared: str) -> None:
    """Say what is known of a network that is large for the data."""
    if card.parameters is None or card.parameters < LARGE_FOR_AN_ITEM * items:
        return
    why = (
        f"{card.parameters / items:,.0f} for each of {counted(items, card.modality)}: small data wants small models, "
        f"or weights that stay{f'; what moves them is only kept where it beats {compared}' if compared else ''}. "
        "headstart models list shows smaller ones"
    )
    reasons.append(Reason(choice="weights", value=f"{card.parameters / 1e6:.1f} million", why=why))


def _method(options: FitOptions, reasons: list[Reason], *, structured: bool) -> str:
    if options.strategy != "auto":
        reasons.append(Reason(choice="strategy", value=options.strategy, why="given"))
        return options.strategy
    if structured:
        why = "the head alone is trained first, then every layer; the network of the two that is better is kept"
        reasons.append(Reason(choice="strategy", value="lp-ft", why=why))
        return "lp-ft"
    why = "one pass over the data gives the probe that everything else has to beat, and what is needed to decide more"
    reasons.append(Reason(choice="strategy", value="linear-probe first", why=why))
    return "linear-probe"


def _early_stopping(strategy: Strategy, settings: StrategyOptions, *, validation: int, least: int) -> list[Reason]:
    """Why a method that stops early does not, with so few validation items."""
    if not strategy.early_stopping or settings.early_stopping is not None or validation >= least:
        return []
    few = f"{validation} validation items would say which epoch is best by luck; all of them are taken"
    why = few if validation else "there are no validation data to stop by"
    return [Reason(choice="early stopping", value="off", why=why)]


def _check_contrast(dataset: Dataset, strategy: Strategy) -> None:
    """Raise `OptionError` where items have more than one label each, so that none are of the same class."""
    if strategy.contrast is not None and (dataset.structured or dataset.multi_label):
        has = "any number of labels" if dataset.multi_label else "more than labels"
        raise OptionError(
            f"--strategy {strategy.method} compares items by the one label that each has; these have {has}.",
            hint="Name linear-probe, lp-ft or full, or leave --strategy out.",
        )


def _by_hand(
    method: Method,
    strategy: Strategy,
    settings: StrategyOptions,
    *,
    facts: ModelInput,
    validation: bool,
    task: str,
    reasons: list[Reason],
) -> Strategy:
    """The strategy with the user's settings in place of the method's defaults."""
    given = {name: value for name, value in settings if value is not None}
    if strategy.method == "linear-probe" and "solver" not in given and given.keys() & set(LOOP_ONLY):
        why = f"{', '.join(sorted(given.keys() & set(LOOP_ONLY)))} given, which only the training loop uses"
        reasons.append(Reason(choice="solver", value="gradient", why=why))
        given["solver"] = "gradient"
    check(method, strategy, given, facts=facts, validation=validation, task=task)
    reasons += [Reason(choice=name, value=str(value), why="given") for name, value in given.items() if name != "solver"]
    head, body = given.pop("learning_rate", None), given.pop("backbone_learning_rate", None)
    changed: dict[str, object] = {**given, "rules": with_rates(strategy.rules, head=head, body=body)}
    rank = settings.rank
    changed.pop("rank", None)
    if given.get("augmentation") in ("none", "flip"):
        changed["train_size"] = None  # pictures keep the size of the input where nothing is cut out of them
    if strategy.adapter is not None:
        changed["adapter"] = _adapter(strategy.adapter, rank=rank, learning_rate=body)
    return strategy.model_copy(update=changed)


def _check_automatic(settings: StrategyOptions) -> None:
    """Raise `OptionError` for settings of a strategy that is yet to be chosen."""
    given = [name for name, value in settings if value is not None and name not in WITH_AUTO]
    if given:
        raise OptionError(
            [f"{option(name)} is decided by --strategy auto." for name in given],
            hint=f"Name the strategy that it is for: {', '.join(METHODS.names())}.",
        )


def _adapter(adapter: Adapter, *, rank: int | None, learning_rate: float | None) -> Adapter:
    """With another rank, the update of a weight stays as strong: alpha is in proportion to the rank."""
    rank = rank or adapter.rank
    alpha = adapter.alpha * rank / adapter.rank
    return Adapter(rank=rank, alpha=alpha, learning_rate=learning_rate or adapter.learning_rate)
