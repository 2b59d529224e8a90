"""Data, profile and options -> a plan. Every choice leaves its reason."""

from __future__ import annotations

from headstart import models
from headstart.core.card import InputFacts, ModelCard
from headstart.core.dataset import Dataset, Part
from headstart.core.errors import OptionError
from headstart.core.options import FitOptions, StrategyOptions
from headstart.core.strategy import Combination, Goal, Plan, Reason, Rule, Strategy
from headstart.methods import METHODS
from headstart.methods.method import Situation

PROBE_ONLY = ("strength",)
LOOP_ONLY = (
    "optimizer",
    "learning_rate",
    "momentum",
    "nesterov",
    "weight_decay",
    "epochs",
    "batch_size",
    "schedule",
    "warm_up",
    "clip_norm",
    "label_smoothing",
    "augmentation",
    "early_stopping",
)


def plan(dataset: Dataset, options: FitOptions) -> Plan:
    """Decide everything that `execute` needs, for a data set whose parts are assigned.

    Raises `OptionError` for options that do not go together, all of them at once, and `ModelError` where the model
    cannot be had.
    """
    reasons: list[Reason] = []
    model = _model(options, reasons)
    automatic = options.strategy == "auto"
    method_name = _method(options, reasons)
    method = METHODS[method_name]()
    card = models.card(model, pretrained=method.pretrained)
    items = len(dataset.indices(Part.TRAIN, Part.VALIDATION))
    strategy = method.strategy(Situation(items=items, classes=len(dataset.labels), card=card))
    strategy = _by_hand(strategy, options.settings, reasons)
    return Plan(
        task=dataset.task,
        model=model,
        revision=card.revision,
        pretrained=method.pretrained,
        strategy=strategy,
        goal=Goal(metric=options.metric, specificity=options.specificity),
        input=_input(card, options, reasons),
        seed=options.seed,
        device=options.device,
        precision=options.precision,
        mirrored=options.mirrored if automatic else bool(options.mirrored),
        combination=Combination(single=options.single) if automatic else None,
        budget=options.budget,
        reasons=tuple(reasons),
    )


def _model(options: FitOptions, reasons: list[Reason]) -> str:
    if options.model != "auto":
        reasons.append(Reason(choice="model", value=options.model, why="given"))
        return options.model
    chosen = models.choose_default()
    reasons.append(Reason(choice="model", value=chosen.id, why=chosen.why))
    return chosen.id


def _method(options: FitOptions, reasons: list[Reason]) -> str:
    if options.strategy != "auto":
        reasons.append(Reason(choice="strategy", value=options.strategy, why="given"))
        return options.strategy
    why = (
        "one pass over the pictures gives the probe that everything else has to beat, and what is needed to decide more"
    )
    reasons.append(Reason(choice="strategy", value="linear-probe first", why=why))
    return "linear-probe"


def _by_hand(strategy: Strategy, settings: StrategyOptions, reasons: list[Reason]) -> Strategy:
    """The strategy with the user's settings in place of the method's defaults."""
    given = {name: value for name, value in settings if value is not None}
    if strategy.method == "linear-probe" and "solver" not in given and given.keys() & set(LOOP_ONLY):
        why = f"{', '.join(sorted(given.keys() & set(LOOP_ONLY)))} given, which only the training loop uses"
        reasons.append(Reason(choice="solver", value="gradient", why=why))
        given["solver"] = "gradient"
    _check(strategy, given)
    reasons += [Reason(choice=name, value=str(value), why="given") for name, value in given.items() if name != "solver"]
    head, body = given.pop("learning_rate", None), given.pop("backbone_learning_rate", None)
    return strategy.model_copy(update={**given, "rules": _rules(strategy.rules, head=head, body=body)})


def _check(strategy: Strategy, given: dict[str, object]) -> None:
    solver = given.get("solver", strategy.solver)
    problems = []
    if strategy.method != "linear-probe" and solver != "gradient":
        problems.append(
            f"--solver {solver} is for --strategy linear-probe; '{strategy.method}' moves other layers too."
        )
    if solver == "gradient":
        problems += [f"--{name} is for the closed-form solvers." for name in PROBE_ONLY if name in given]
    else:
        problems += [
            f"--{name.replace('_', '-')} is for --solver gradient; '{solver}' has no steps."
            for name in LOOP_ONLY
            if name in given
        ]
    if "backbone_learning_rate" in given and all(rule.learning_rate is None for rule in _body(strategy.rules)):
        problems.append(f"--backbone-learning-rate: '{strategy.method}' keeps the backbone frozen.")
    if problems:
        raise OptionError(problems)


def _body(rules: tuple[Rule, ...]) -> list[Rule]:
    return [rule for rule in rules if not rule.pattern.startswith("head.")]


def _rules(rules: tuple[Rule, ...], *, head: float | None, body: float | None) -> tuple[Rule, ...]:
    """The rules with rates given by hand; a rate for the head also moves a body that was to learn at the same rate."""
    rates = {rule.pattern: rule.learning_rate for rule in rules}
    uniform = len(set(rates.values())) == 1

    def rate(rule: Rule) -> float | None:
        if rule.learning_rate is None:
            return None
        if rule.pattern.startswith("head."):
            return head or rule.learning_rate
        return body or (head if uniform else None) or rule.learning_rate

    return tuple(Rule(pattern=rule.pattern, learning_rate=rate(rule)) for rule in rules)


def _input(card: ModelCard, options: FitOptions, reasons: list[Reason]) -> InputFacts:
    facts = card.input or InputFacts()
    if options.image_size is not None:
        if facts.fixed_size and facts.size != (options.image_size,) * 2:
            raise OptionError(
                f"--image-size {options.image_size}: {card.id} takes {facts.size[0]} x {facts.size[1]} pixels only."
            )
        facts = facts.model_copy(update={"size": (options.image_size, options.image_size)})
        reasons.append(Reason(choice="image size", value=str(options.image_size), why="given"))
    if options.channels is not None and options.channels != facts.channels:
        facts = _with_channels(facts, options.channels)
        reasons.append(Reason(choice="channels", value=str(options.channels), why="given"))
    return facts


def _with_channels(facts: InputFacts, channels: int) -> InputFacts:
    """Facts for another number of channels: the mean over the known ones serves for every new one."""
    mean, std = (sum(values) / len(values) for values in (facts.mean, facts.std))
    return facts.model_copy(update={"channels": channels, "mean": (mean,) * channels, "std": (std,) * channels})
