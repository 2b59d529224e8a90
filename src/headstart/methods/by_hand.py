"""Settings that were given by hand, held against the strategy that they are for: none is dropped without a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headstart.core.card import InputFacts, ModelInput
from headstart.core.errors import OptionError
from headstart.core.strategy import Rule, Strategy
from headstart.methods.method import Method

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
    "mixup",
    "average_decay",
    "soup",
    "train_size",
)
LABELS_ONLY = ("label_smoothing", "mixup", "early_stopping", "soup")
"""Settings of a loss that labels are compared with, and of what validation items decide."""
BODY_ONLY = ("backbone_learning_rate", "layer_decay", "thaw", "anchor")
"""Settings of how the weights below the head move."""
SGD_ONLY = ("momentum", "nesterov")
NEEDS_VALIDATION = ("early_stopping", "soup")
HEADS_WITH_NORMS = ("object-detection", "semantic-segmentation")
"""Tasks whose head may be a library's, with batch norms of its own, which learn where the backbone is frozen."""


def check(
    method: Method,
    strategy: Strategy,
    given: Mapping[str, object],
    *,
    facts: ModelInput,
    validation: bool,
    task: str = "",
) -> None:
    """Raise `OptionError` with everything that does not go together.

    `task` is named where its targets are more than labels.
    """
    solver = given.get("solver", strategy.solver)
    name = strategy.method
    problems = []
    if task and solver != "gradient":
        problems.append(f"--solver {solver} is for labels; a head for {task} is trained by steps.")
        solver = "gradient"
    elif name != "linear-probe" and solver != "gradient":
        problems.append(f"--solver {solver} is for --strategy linear-probe; '{name}' moves other layers too.")
    if strategy.contrast is not None:
        problems += [
            f"{option(each)} is for a loss of labels; '{name}' learns from pairs of all items that there are."
            for each in LABELS_ONLY
            if given.get(each)
        ]
    elif solver == "gradient":
        problems += [f"{option(each)} is for the closed-form solvers." for each in PROBE_ONLY if each in given]
    else:
        problems += [
            f"{option(each)} is for --solver gradient; '{solver}' has no steps." for each in LOOP_ONLY if each in given
        ]
    if solver == "gradient":
        problems += _momentum_problems(strategy, given)
    problems += _body_problems(method, strategy, given, task=task)
    if not validation:
        problems += [
            f"{option(each)} needs validation data; there are none." for each in NEEDS_VALIDATION if given.get(each)
        ]
    problems += _size_problems(strategy, given, facts)
    if problems:
        raise OptionError(problems)


def _momentum_problems(strategy: Strategy, given: Mapping[str, object]) -> list[str]:
    """What is said of settings of SGD where there is none, or where they come to nothing."""
    optimizer = given.get("optimizer", strategy.optimizer)
    if optimizer != "sgd":
        return [
            f"{option(each)} is for --optimizer sgd; '{optimizer}' has none."
            for each in SGD_ONLY
            if given.get(each) not in (None, False)
        ]
    still = given.get("nesterov") and not given.get("momentum", strategy.momentum)
    return ["--nesterov looks ahead by the momentum, and --momentum is 0."] if still else []


def _size_problems(strategy: Strategy, given: Mapping[str, object], facts: ModelInput) -> list[str]:
    """What is said of training pictures of a size of their own where the augmentation or the network has just one."""
    side = given.get("train_size")
    problems = []
    if side and given.get("augmentation", strategy.augmentation) not in ("crop", "strong"):
        problems.append("--train-size needs --augmentation crop or strong, which cut pictures to a size of their own.")
    if side and isinstance(facts, InputFacts) and facts.fixed_size and facts.size != (side, side):
        height, width = facts.size
        problems.append(f"--train-size {side}: the network takes {height} x {width} pixels only.")
    return problems


def _body_problems(method: Method, strategy: Strategy, given: Mapping[str, object], *, task: str) -> list[str]:
    """What is said of weights below the head where these do not move, or do not start from anything."""
    name = strategy.method
    frozen = all(rule.learning_rate is None for rule in body_rules(strategy.rules))
    problems = []
    if frozen and strategy.adapter is None:
        problems += [f"{option(each)}: '{name}' keeps the backbone frozen." for each in BODY_ONLY if each in given]
    if frozen and given.get("normalisation") == "trained" and task not in HEADS_WITH_NORMS:
        problems.append(f"--normalisation trained: '{name}' keeps the layers of the backbone, and so their statistics.")
    if strategy.adapter is not None and "anchor" in given:
        problems.append(f"--anchor: '{name}' keeps the pretrained weights as they are; there is nothing to pull back.")
    if not method.pretrained and "anchor" in given:
        problems.append(f"--anchor: '{name}' does not start from weights that are worth staying near.")
    if strategy.adapter is None and "rank" in given:
        problems.append(f"--rank is for --strategy lora; '{name}' has no adapter.")
    return problems


def option(name: str) -> str:
    """What a setting is called on the command line."""
    return f"--{name.replace('_', '-')}"


def body_rules(rules: Sequence[Rule]) -> list[Rule]:
    """Those that are not for the head alone."""
    return [rule for rule in rules if not rule.pattern.startswith("head.")]
