"""Successive halving on the SHiFT records: what the validation accuracy of 200 pictures chooses, and at which cost.

The records hold the ends of runs only. A round that trains for a part of the time is replayed as if it ranked the
models like the end of the run, seen through fewer validation pictures: drawn without replacement from the 200. That is
favourable to halving where models learn at different speeds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.published import Grid, by_score, grid, prior, regrets, rows_of, selection, summary

REGIMES = {"shift_vision": "n800_ep25_lr0.01", "shift_text": "full_ep1_lr0.01"}
PICTURES = 200
SEEDS = 20
STARTS = (8, 16, 32, None)


@dataclass(frozen=True)
class Records:
    """Test and validation accuracy in percent, complete rows only."""

    test: Grid
    validation: Grid


def records(table: str) -> Records:
    """One regime: regimes are never pooled."""
    rows = [row for row in rows_of(table) if row["regime"] == REGIMES[table]]
    test, validation = grid(rows, "accuracy"), grid(rows, "val_accuracy")
    complete = sorted(set.intersection(*(set(models) for models in test.values())))

    def percent(values: Grid) -> Grid:
        return {data: {model: 100 * values[data][model] for model in complete} for data in sorted(values)}

    return Records(percent(test), percent(validation))


def halved(
    order: list[int], validation: np.ndarray, *, rounds: tuple[int, ...], random: np.random.Generator
) -> tuple[int, float]:
    """The model that is left, and the cost in whole fine-tunes.

    In a round every model left has trained for this share of 200 of its run and is judged on as many pictures; the
    better half goes on, which costs only what is new.
    """
    left, cost, before = np.array(order), 0.0, 0
    for pictures in rounds:
        cost += len(left) * (pictures - before) / PICTURES
        right = np.round(validation[left] * PICTURES / 100).astype(int)
        seen = random.hypergeometric(right, PICTURES - right, pictures)
        ranked = left[np.argsort(-seen, kind="stable")]
        last = pictures == rounds[-1]
        left, before = ranked[: 1 if last else max(len(ranked) // 2, 1)], pictures
    return int(left[0]), cost


def vision() -> dict[str, object]:
    """Prior alone, every model fine-tuned, and halving from the prior's first models or from all."""
    found = records("shift_vision")
    order_of = prior(found.test, found.test)
    result: dict[str, object] = {
        "models": len(next(iter(found.test.values()))),
        "data sets": len(found.test),
        "prior": selection(order_of, found.test, picks=(1, 3, 8)),
        "every model fine-tuned, best validation accuracy": selection(found.validation, found.test, picks=(1,)),
    }
    for start in STARTS:
        lost, costs = [], []
        for data, accuracies in found.test.items():
            models = list(accuracies)
            test = [accuracies[m] for m in models]
            validation = np.array([found.validation[data][m] for m in models])
            order = by_score([order_of[data][m] for m in models])[:start]
            for seed in range(SEEDS):
                random = np.random.default_rng(seed)
                last, cost = halved(order, validation, rounds=(25, 50, 100, 200), random=random)
                lost.append(regrets([last], test, (1,)))
                costs.append(cost)
        name = f"halving from the prior's first {start}" if start else "halving from all models"
        result[name] = {**summary(lost, (1,)), "fine-tunes": float(np.mean(costs))}
    return result


def text() -> dict[str, object]:
    """Prior alone: the validation accuracy of these records was partly measured on the training data."""
    found = records("shift_text")
    return {
        "models": len(next(iter(found.test.values()))),
        "data sets": len(found.test),
        "prior": selection(prior(found.test, found.test), found.test, picks=(1, 3, 8)),
    }


def parc() -> dict[str, object]:
    """Prior alone, by target left out; a multi-label target is left out altogether in the second figures."""
    result: dict[str, object] = {}
    for table in ("parc_oracle_controlled", "parc_oracle_all"):
        rows = [row | {"model": f"{row['architecture']} {row['source']}"} for row in rows_of(table)]
        every = grid(rows, "accuracy", data="target")
        single = {data: models for data, models in every.items() if data != "voc2007"}
        result[table] = selection(prior(every, every), every)
        result[f"{table}, without voc2007"] = selection(prior(single, single), single)
    return result
