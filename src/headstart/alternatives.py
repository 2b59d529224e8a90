"""A strategy and the situation -> what else may suit the data better: what a search tries where there is time for it.

Each setting moves one thing, or two that belong together. The planned strategy is what rules of thumb say; which of
these is better differs from data set to data set (docs/strategies.md).
"""

from __future__ import annotations

from headstart.core.strategy import Strategy
from headstart.methods.method import Situation
from headstart.methods.suited import strategy_for

PLANNED = "as planned"
LOWER = 0.8
"""What the rate of each layer group further from the head is multiplied by, beside what is planned."""


def alternatives(strategy: Strategy, situation: Situation, *, steps: int) -> dict[str, Strategy]:
    """The planned strategy and its alternatives by name; `steps` is what the planned one takes on all items.

    Methods with rules of their own take their own number of steps, or twice the planned one where theirs is more. What
    comes to the planned setting is left out, rather than trained twice.
    """
    found = {PLANNED: strategy.model_copy(update={"steps": steps})}
    found |= {
        "a third of the rate": _rates(strategy, 1 / 3, steps),
        "three times the rate": _rates(strategy, 3.0, steps),
        "twice the steps": strategy.model_copy(update={"steps": 2 * steps}),
        "lower rates further from the head": strategy.model_copy(
            update={"layer_decay": round(LOWER * strategy.layer_decay, 4), "steps": steps}
        ),
    }
    if strategy.augmentation == "crop" and situation.card.modality == "image":
        strong = {"augmentation": "strong", "steps": 2 * steps}
        found["strong augmentation, twice the steps"] = strategy.model_copy(update=strong)
        found["blended pictures, twice the steps"] = strategy.model_copy(update={"mixup": 0.2, "steps": 2 * steps})
    if strategy.train_size is not None:
        found["pictures of the model's own size"] = strategy.model_copy(update={"train_size": None, "steps": steps})
    for name in ("full", "lp-ft"):
        if name != strategy.method:
            found[name] = _of_method(name, strategy, situation, steps=steps)
    planned = found[PLANNED]
    return {name: setting for name, setting in found.items() if name == PLANNED or setting != planned}


def _rates(strategy: Strategy, factor: float, steps: int) -> Strategy:
    rules = tuple(
        rule.model_copy(update={"learning_rate": None if rule.learning_rate is None else rule.learning_rate * factor})
        for rule in strategy.rules
    )
    return strategy.model_copy(update={"rules": rules, "steps": steps})


def _of_method(name: str, planned: Strategy, situation: Situation, *, steps: int) -> Strategy:
    strategy = strategy_for(name, situation)
    batch = min(strategy.batch_size or 32, situation.items)
    own = -(-situation.items // batch) * strategy.epochs
    kept = {"class_weights": planned.class_weights, "flips": planned.flips, "early_stopping": False, "soup": False}
    return strategy.model_copy(update={**kept, "steps": min(own, 2 * steps)})
