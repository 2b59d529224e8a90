"""Verdicts made up for tests: scores whose truth is known, put through the real statistics."""

from __future__ import annotations

import numpy as np

from headstart.comparing.arm import Entry
from headstart.comparing.cells import Cell, Place
from headstart.comparing.judging import Found, judge
from headstart.comparing.running import entries_of
from headstart.comparing.schedule import Design
from headstart.comparing.speed import Pace
from headstart.core.dataset import Dataset, Part
from headstart.core.verdict import ArmFacts, Verdict, VerdictOptions
from headstart.data.arrays import ArrayColumn

REACHED = {"transfer": 0.9, "scratch": 0.5, "random-weights": 0.4, "linear-probe": 0.8, "bag-of-words": 0.7}


def dataset(items: int = 200, *, groups: int = 0, train: int = 40) -> Dataset:
    """Blank pictures of four classes, `items` of them held out."""
    count = train + items
    parts = np.where(np.arange(count) < train, Part.TRAIN, Part.TEST).astype(np.int8)
    contents = np.arange(count, dtype=np.uint64).repeat(2).view(np.uint8).reshape(count, 16)
    return Dataset(
        task="image-classification",
        labels=("a", "b", "c", "d"),
        inputs=ArrayColumn(np.zeros((count, 2, 2, 3), np.uint8)),
        targets=(np.arange(count) % 4).astype(np.int32),
        parts=parts,
        source="made-up",
        groups=(np.arange(count) % groups).astype(np.int32) if groups else None,
        group_names=[f"g{number}" for number in range(groups)],
        content=contents,
    )


def cells_of(
    name: str, reached: float, *, items: int, repeats: int, share: float = 1.0, steps: int | None = None, seed: int = 0
) -> list[Cell]:
    """Repeats of an arm that is right with this probability."""
    random = np.random.default_rng([seed, *name.encode(), round(1000 * share)])
    return [
        Cell(
            place=Place(arm=name, repeat=repeat, share=share, budget=10.0),
            labels=round(40 * share),
            seconds=2.0 if name == "linear-probe" else 8.0 + repeat,
            scores=tuple((random.random(items) < reached).astype(float).tolist()),
            facts=ArmFacts(
                model="m",
                method=name,
                pretrained=name not in ("scratch", "random-weights"),
                steps=steps,
                own_steps=None if steps is None else 400,
                parameters=100,
                trained_parameters=10,
            ),
        )
        for repeat in range(repeats)
    ]


def design_of(entries: tuple[Entry, ...], *, repeats: int = 5, shares: tuple[float, ...] = ()) -> Design:
    """A design that nothing was measured for."""
    pace = Pace(item=0.01, load=0.1, overhead=1.0, scratch=5.0)
    return Design(entries=entries, pace=pace, repeats=repeats, seconds=10.0, shares=shares, own_budget=900.0)


def found_of(
    reached: dict[str, float] | None = None,
    *,
    items: int = 200,
    repeats: int = 5,
    margin: float = 0.01,
    scratch_steps: int = 400,
    shares: tuple[float, ...] = (),
    leaked: tuple[int, ...] = (),
    groups: int = 0,
    seed: int = 0,
    task: str = "image-classification",
) -> Found:
    """A comparison whose arms are right with these probabilities."""
    means = REACHED | (reached or {})
    options = VerdictOptions(model="m", margin=margin)
    entries = entries_of(options, task=task)
    steps = {"scratch": scratch_steps}
    whole = {
        entry.name: cells_of(
            entry.name, means[entry.name], items=items, repeats=repeats, steps=steps.get(entry.name), seed=seed
        )
        for entry in entries
    }
    fewer = {
        name: [
            cell
            for share in shares
            for cell in cells_of(name, means[name] * share**0.2, items=items, repeats=repeats, share=share)
        ]
        for name in ("transfer", "scratch")
    }
    return Found(
        dataset=dataset(items, groups=groups),
        options=options,
        design=design_of(entries, repeats=repeats, shares=shares),
        whole=whole,
        fewer_labels=fewer if shares else {},
        leaked=np.array(leaked, np.int64),
        held_out="test",
        seconds=123.0,
    )


def verdict_of(reached: dict[str, float] | None = None, **settings: object) -> Verdict:
    """The verdict on it."""
    return judge(found_of(reached, **settings))  # type: ignore[arg-type]
