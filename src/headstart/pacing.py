"""A plan of one strategy with a budget, and the pace of this machine -> the number of steps, once and for all.

The schedule is laid over these steps, so that seed and resume stay exact; the clock only aborts.
"""

from __future__ import annotations

import time
from math import ceil
from typing import Any

from headstart.choosing import RESERVE, steps_of
from headstart.core.console import say
from headstart.core.dataset import Dataset, Part
from headstart.core.runtime import resolve_precision
from headstart.core.strategy import Plan, Reason
from headstart.methods import METHODS
from headstart.tasks.task import Model
from headstart.tasks.unit_length import UnitLength
from headstart.train import trial
from headstart.train.contrastive import SupervisedContrast
from headstart.train.feed import Feed
from headstart.train.feeds import feed_for
from headstart.train.settings import TrainSettings

MOST_OF_SCRATCH = 4
"""What starts from nothing gets at most so many times its own steps, however long the budget."""
MOST_OF_TRANSFER = {"semantic-segmentation": 4}
"""The same for what starts from a pretrained network, by the task; 1 for the others, which have no use for more (boxes:
0.888 of mAP50 on BCCD with 1,430 steps, mean of three, 0.870 with 441). CamVid, mean IoU on validation: 0.645 with 644
steps, 0.709 with 2,576."""


def training_seconds(plan: Plan, model: Model, task: Any, part: Dataset, *, device: str) -> float:
    """Seconds that an item of a training on `part` takes on this machine, by some of its own steps on a copy."""
    return _seconds(plan, model, task, _feed(plan, model, part), device=device)


def _feed(plan: Plan, model: Model, part: Dataset) -> Feed:
    return feed_for(part, model.backbone, plan.input, plan.strategy, seed=plan.seed)


def _seconds(plan: Plan, model: Model, task: Any, feed: Feed, *, device: str) -> float:
    if plan.strategy.contrast is not None:
        model = Model(model.backbone, UnitLength())
        task = SupervisedContrast(temperature=plan.strategy.contrast.temperature)
    precision = resolve_precision(plan.precision, device)
    settings = TrainSettings(seed=plan.seed, device=device, precision=precision, description="trial")
    return trial.seconds_per_item(model, task, feed, plan.strategy, settings=settings)


def paced(plan: Plan, dataset: Dataset, model: Model, task: Any, *, device: str, begun: float) -> Plan:
    """The plan with the number of steps that its budget allows, which counts from `begun` on the monotonic clock.

    The pace is that of some of the training's own steps. A plan without a budget, or whose steps are set, stays as it
    is.
    """
    if plan.budget is None or plan.strategy.steps is not None:
        return plan
    feed = _feed(plan, model, dataset.part(Part.TRAIN))
    seconds = _seconds(plan, model, task, feed, device=device)
    found = within_budget(
        plan,
        items=len(feed),  # rare classes come several times an epoch, and so do windows of a long text
        validated=len(dataset.indices(Part.VALIDATION)),
        tested=len(dataset.indices(Part.TEST)),
        item_seconds=seconds,
        spent=time.monotonic() - begun,
    )
    say(f"steps: {found.strategy.steps} ({found.reasons[-1].why})")
    return found


def within_budget(plan: Plan, *, items: int, validated: int, tested: int, item_seconds: float, spent: float) -> Plan:
    """A plan of one strategy whose number of steps is set so that the run takes its budget, once and for all.

    `items` are trained on, `validated` looked at once an epoch, `tested` once. What starts from nothing (`scratch`)
    gets as many steps as the budget allows, up to four times its own number: with fewer than it could have, it would be
    a straw man. So does transfer to masks.
    """
    strategy = plan.strategy
    if plan.budget is None or strategy.steps is not None:
        return plan
    batch = min(strategy.batch_size or 32, items)
    whole, an_epoch = steps_of(strategy, items, 1.0), ceil(items / batch)
    left = RESERVE * plan.budget - spent - (items + validated + tested) * item_seconds / 3
    a_step = (batch + validated / 3 / an_epoch) * item_seconds
    transfers = METHODS[strategy.method].pretrained
    most = MOST_OF_TRANSFER.get(plan.task, 1) if transfers else MOST_OF_SCRATCH
    steps = min(max(int(left / a_step), 1), most * whole)
    why = f"{a_step:.3g} s a step on this machine, and a budget of {plan.budget:.0f} s; the strategy's own are {whole}"
    return plan.model_copy(
        update={
            "strategy": strategy.model_copy(update={"steps": steps}),
            "reasons": (*plan.reasons, Reason(choice="steps", value=str(steps), why=why)),
        }
    )
