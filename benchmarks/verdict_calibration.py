"""How often the verdict is wrong, and how often it keeps silent, where the true gain is known.

`python -m benchmarks.verdict_calibration [ROW ...]` simulates the rows that have no result yet, 2,000 experiments each,
and writes the tables of `benchmarks/README.md`; rows that are named are simulated again.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import cache, partial
from typing import Any, Protocol

import numpy as np
from scipy.special import betaincinv, ndtr

from benchmarks.harness import WORK, Row
from benchmarks.verdict_curves import curves
from benchmarks.verdict_populations import Model, Table, real_tables
from benchmarks.verdict_report import write
from benchmarks.verdict_rows import holm_family, macro_f1, promise, resampled_splits
from headstart.core.gain import Gain
from headstart.metrics.gain_decision import quantile
from headstart.metrics.paired_gain import paired_gain

EXPERIMENTS, MARGIN = 2000, 0.01
KEPT = WORK / "verdict_rows.json"


class Population(Protocol):
    """Whatever experiments are drawn from."""

    gain: float

    def draw(self, random: np.random.Generator, repeats: int, items: int) -> tuple[np.ndarray, np.ndarray]:
        """Scores of transfer and of the control."""
        ...


def at_most(count: int, of: int) -> float:
    """The upper 95 % bound of a fraction that was seen so often. Clopper and Pearson 1934, one-sided."""
    return 1.0 if count == of else float(betaincinv(count + 1, of - count, 0.95))


def simulated(
    population: Population, *, repeats: int = 5, items: int = 500, groups: np.ndarray | None = None, seed: int = 0
) -> dict[str, Any]:
    """What the verdict says in 2,000 experiments, and what simpler intervals would have covered."""
    random, truth = np.random.default_rng(seed), population.gain
    gains: list[Gain] = []
    covered = {"t over repeats alone": 0, "test items alone": 0, "percentiles of repeats": 0}
    for _ in range(EXPERIMENTS):
        transfer, control = population.draw(random, repeats, items)
        gains.append(paired_gain(transfer, control, groups=groups, margin=MARGIN))
        for name, (low, high) in simpler(transfer - control, random).items():
            covered[name] += low <= truth <= high
    decisions = [gain.decision for gain in gains]
    held = sum(gain.low <= truth <= gain.high for gain in gains)
    shares = {name: np.mean([gain.variance.get(name, np.nan) for gain in gains]) for name in gains[0].variance}
    return {
        "gain": truth,
        "repeats": repeats,
        "items": items,
        "disagreement": float(np.mean([gain.disagreement for gain in gains])),
        "coverage": held / EXPERIMENTS,
        "below": sum(gain.high < truth for gain in gains) / EXPERIMENTS,
        "above": sum(gain.low > truth for gain in gains) / EXPERIMENTS,
        "width": float(np.mean([gain.high - gain.low for gain in gains])),
        "error": float(np.mean([gain.standard_error for gain in gains])),
        **{name: decisions.count(name) / EXPERIMENTS for name in ("helps", "hurts", "equivalent", "undetermined")},
        "helps at most": at_most(decisions.count("helps"), EXPERIMENTS),
        "hurts at most": at_most(decisions.count("hurts"), EXPERIMENTS),
        "shares": {name: float(share) for name, share in shares.items()},
        "simpler": {name: count / EXPERIMENTS for name, count in covered.items()} if repeats > 1 else {},
    }


def simpler(differences: np.ndarray, random: np.random.Generator) -> dict[str, tuple[float, float]]:
    """Intervals that leave something out."""
    repeats, items = differences.shape
    if repeats == 1:
        return {}
    by_repeat, by_item = differences.mean(axis=1), differences.mean(axis=0)
    mean = by_repeat.mean()
    of_repeats = quantile(0.95, repeats - 1) * by_repeat.std(ddof=1) / np.sqrt(repeats)
    of_items = 1.96 * by_item.std(ddof=1) / np.sqrt(items)
    resampled = by_repeat[random.integers(0, repeats, (400, repeats))].mean(axis=1)
    return {
        "t over repeats alone": (mean - of_repeats, mean + of_repeats),
        "test items alone": (mean - of_items, mean + of_items),
        "percentiles of repeats": tuple(np.quantile(resampled, (0.025, 0.975))),
    }


@cache
def tables() -> dict[str, Table]:
    """The real populations, the sham one with both signs of every pair, so that its gain is exactly zero."""
    found = real_tables()
    differences = found["sham"].differences
    return found | {"sham": Table.of("sham", np.concatenate([differences, -differences], axis=1))}


def real(name: str, *, gain: float | None = None, disagreement: float | None = None, **settings: int) -> dict[str, Any]:
    """A row on one of the real tables, with the parts of its variance."""
    table = tables()[name]
    if gain is not None:
        table = table.tilted(gain=gain, disagreement=disagreement)
    found = simulated(table, **settings)
    return found | {"parts": table.parts(), "true disagreement": table.disagreement}


def modelled(model: Model, **settings: int) -> dict[str, Any]:
    """A row on a parametric model."""
    groups = model.groups(settings.get("items", 500)) if model.in_group > 1 else None
    return simulated(model, groups=groups, **settings)


def power(disagreement: float, items: int) -> dict[str, Any]:
    """One pair of models whose true gain is 5 points: how often it helps, and what the normal formula says."""
    found = simulated(Model(0.05, disagreement, of_repeats=0.0), repeats=1, items=items)
    error = np.sqrt(disagreement / items)
    return found | {"formula": float(ndtr((0.05 - MARGIN) / error - 1.96)), "error by formula": float(error)}


Simulations = dict[str, Callable[[], dict[str, Any]]]


def rows() -> Simulations:
    """Every row by name."""
    return {
        **real_rows(),
        **model_rows(),
        "resampled splits": partial(resampled_splits, experiments=EXPERIMENTS),
        "holm, three models at the margin": partial(holm_family, experiments=EXPERIMENTS),
        "promise of items needed": partial(promise, experiments=EXPERIMENTS),
        "macro F1": partial(macro_f1, experiments=400),
        "learning curves": partial(curves, experiments=60),
    }


def real_rows() -> Simulations:
    """Rows on the real populations."""
    found: Simulations = {}
    for gain in (MARGIN, -MARGIN):
        found[f"real, gain {gain:+.2f}"] = partial(real, "transfer", gain=gain)
        for disagreement in (0.05, 0.1):
            name = f"real, gain {gain:+.2f}, disagreement {disagreement:.2f}"
            found[name] = partial(real, "transfer", gain=gain, disagreement=disagreement)
    for gain in (0.0, 0.05):
        found[f"real, gain {gain:+.2f}, disagreement 0.10"] = partial(real, "transfer", gain=gain, disagreement=0.1)
    found["real, gain +0.05"] = partial(real, "transfer", gain=0.05)
    for items in (500, 2000):
        found[f"sham, {items} items"] = partial(real, "sham", items=items)
    return found


def model_rows() -> Simulations:
    """Rows on the parametric model."""
    found: Simulations = {}
    for repeats in (1, 2, 3, 5, 10):
        for items in (200, 2000):
            of_repeats = 0.01 if repeats > 1 else 0.0
            model = Model(MARGIN, 0.1, of_repeats=of_repeats)
            found[f"model, {repeats} repeats, {items} items"] = partial(modelled, model, repeats=repeats, items=items)
    for disagreement in (0.02, 0.05, 0.3):
        model = Model(MARGIN, disagreement)
        found[f"model, disagreement {disagreement:.2f}"] = partial(modelled, model)
    for name, model in {
        "no variance of repeats": Model(MARGIN, 0.1, of_repeats=0.0, of_items=0.9),
        "only the remainder": Model(MARGIN, 0.1, of_repeats=0.0, of_items=0.0),
        "repeats dominate": Model(MARGIN, 0.1, of_repeats=0.2, of_items=0.3),
        "50 items": Model(MARGIN, 0.1),
    }.items():
        found[f"model, {name}"] = partial(modelled, model, items=50 if name == "50 items" else 500)
    for groups in (10, 20, 50):
        model = Model(MARGIN, 0.1, of_items=0.3, of_groups=0.3, in_group=10)
        found[f"model, {groups} groups of 10"] = partial(modelled, model, items=10 * groups)
    for items in (200, 500, 1000, 2000):
        for disagreement in (0.06, 0.1, 0.2, 0.3):
            found[f"power, {items} items, disagreement {disagreement:.2f}"] = partial(power, disagreement, items)
    return found


def main() -> None:
    """Simulate what is missing, print, and keep the row of the table of benchmarks."""
    kept: dict[str, Any] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    named = set(sys.argv[1:])
    for name, row in rows().items():
        if name in kept and not any(name.startswith(each) for each in named):
            continue
        started = time.perf_counter()
        kept[name] = row() | {"experiments": EXPERIMENTS}
        kept[name]["seconds"] = round(time.perf_counter() - started, 1)
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(json.dumps(kept, indent=1))
        brief = {key: value for key, value in kept[name].items() if isinstance(value, float)}
        print(name, {key: round(value, 4) for key, value in brief.items()}, flush=True)
    found = {name: kept[name] for name in rows()}
    save(found)
    write(found)


def save(kept: dict[str, Any]) -> None:
    """One row of the table of benchmarks, with everything in its details."""
    at_margin = [
        row for name, row in kept.items() if name.startswith("real, gain") and np.isclose(abs(row["gain"]), MARGIN)
    ]
    alarms = [row["helps at most"] if row["gain"] > 0 else row["hurts at most"] for row in at_margin]
    coverage = [row["coverage"] for name, row in kept.items() if name.startswith("real, gain")]
    silent = kept["real, gain +0.05, disagreement 0.10"]["undetermined"]
    Row(
        name="verdict_calibration",
        work="the verdict on 5 repeats x 500 test items whose true gain is known, 2,000 experiments a row",
        against="95 % intervals",
        at_least="93 to 97 %",
        ratio=100 * float(np.mean(coverage)),
        spread=(100 * min(coverage), 100 * max(coverage)),
        unit=" %",
        ours=f"false alarms at the margin at most {100 * max(alarms):.1f} % (aim: 5 %)",
        theirs=f"undetermined at a gain of 5 points: {100 * silent:.1f} % (aim: at most 30 %)",
        details=kept,
    ).save()


if __name__ == "__main__":
    main()
