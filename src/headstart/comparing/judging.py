"""The cells of a comparison -> the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headstart.comparing.arm import Entry
from headstart.comparing.cells import Cell, scores_of
from headstart.comparing.evidence import (
    Groups,
    curve_of,
    gain_of,
    gain_of_twice,
    gain_over_draws,
    interval_of,
    judged_together,
    labels_saved,
)
from headstart.comparing.schedule import Design
from headstart.comparing.scores import Scores, metric_of
from headstart.comparing.wording import notes_of, noun_of, sentence_of
from headstart.core.dataset import Dataset, Indices, Part
from headstart.core.gain import CurvePoint, Gain
from headstart.core.verdict import ArmResult, Comparison, Verdict, VerdictOptions
from headstart.data.reader import source_name


@dataclass(frozen=True)
class Found:
    """What was carried out: the whole repeats of each arm, and the cells of the learning curves.

    `leaked` are places, among the held-out items, of those that have a copy in training.
    """

    dataset: Dataset
    options: VerdictOptions
    design: Design
    whole: dict[str, list[Cell]]
    fewer_labels: dict[str, list[Cell]]
    leaked: Indices
    held_out: str
    seconds: float

    @property
    def groups(self) -> Groups | None:
        """(N,) those of the held-out items."""
        return self.dataset.part(Part.TEST).groups

    def scores(self, name: str) -> Scores:
        """(R, N) of an arm."""
        return scores_of(self.whole[name])

    def gain(self, ours: str, theirs: str, items: Indices | None = None) -> Gain:
        """Of one arm over another, on all held-out items or some of them."""
        chosen = slice(None) if items is None else items
        groups = None if self.groups is None else self.groups[chosen]
        drawn = {entry.name for entry in self.design.entries if entry.fresh}
        compare = gain_over_draws if theirs in drawn else gain_of
        return compare(
            self.scores(ours)[:, chosen], self.scores(theirs)[:, chosen], groups=groups, margin=self.options.margin
        )


def control_of(entries: Sequence[Entry], means: dict[str, float]) -> str:
    """The best of the arms that do without pretrained weights."""
    return max((entry.name for entry in entries if entry.role == "from nothing"), key=lambda name: means[name])


def deciding(gains: dict[str, Gain], *, control: str) -> str:
    """The arm from nothing that decides: the best one, unless transfer is sure to beat that and not another.

    What is said in favour of transfer has to hold over every one of them, each at its own level, which needs no
    correction (Berger 1982).
    """
    if gains[control].decision != "helps":
        return control
    return next((name for name, gain in gains.items() if gain.decision != "helps"), control)


def means_of(whole: dict[str, list[Cell]]) -> dict[str, float]:
    """The mean of each arm."""
    return {name: float(np.mean([cell.mean for cell in cells])) for name, cells in whole.items()}


def judge(found: Found) -> Verdict:
    """Everything that can be said of what was carried out."""
    entries = found.design.entries
    transfer = next(entry.name for entry in entries if entry.role == "transfer")
    gains = {entry.name: found.gain(transfer, entry.name) for entry in entries if entry.role == "from nothing"}
    control = deciding(gains, control=control_of(entries, means_of(found.whole)))
    arms = {entry.name: _result(found, entry) for entry in entries}
    labels = found.whole[transfer][0].labels
    ours, theirs = arms[transfer].curve, arms[control].curve
    verdict = Verdict(
        data_name=source_name(found.dataset.source),
        metric=metric_of(found.dataset),
        noun=noun_of(found.dataset.task),
        margin=found.options.margin,
        repeats=len(found.whole[transfer]),
        labels=labels,
        items=gains[control].items,
        held_out=found.held_out,
        transfer=transfer,
        control=control,
        arms=tuple(arms.values()),
        gain=gains[control],
        without_leaks=_without_leaks(found, transfer, control),
        comparisons=_comparisons(found, transfer, control),
        decision=gains[control].decision,
        sentence="",
        budget=found.options.budget,
        own_budget=found.design.own_budget,
        seconds=found.seconds,
        seconds_saved=_seconds_saved(tuple(arms.values()), arms[control]),
        labels_saved=labels_saved(ours, theirs, at=labels) if ours and theirs else None,
        doubled=gain_of_twice(ours) if ours else None,
    )
    return verdict.model_copy(
        update={"sentence": sentence_of(verdict), "notes": (*found.design.notes, *notes_of(verdict))}
    )


def _result(found: Found, entry: Entry) -> ArmResult:
    cells = found.whole[entry.name]
    low, high = interval_of(found.scores(entry.name), groups=found.groups)
    return ArmResult(
        name=entry.name,
        title=entry.title,
        role=entry.role,
        facts=cells[0].facts,
        values=tuple(cell.mean for cell in cells),
        low=low,
        high=high,
        seconds=tuple(cell.seconds for cell in cells),
        budget=found.design.seconds,
        curve=curve_of(points_of([*found.fewer_labels.get(entry.name, []), *cells]))
        if found.fewer_labels.get(entry.name)
        else None,
    )


def points_of(cells: Sequence[Cell]) -> tuple[CurvePoint, ...]:
    """One point for each share of the labels."""
    shares = sorted({cell.place.share for cell in cells})
    by_share = {share: [cell for cell in cells if cell.place.share == share] for share in shares}
    return tuple(
        CurvePoint(labels=those[0].labels, values=tuple(cell.mean for cell in those)) for those in by_share.values()
    )


def _without_leaks(found: Found, transfer: str, control: str) -> Gain | None:
    """The gain on held-out items that have no copy in training; None where all are such, or fewer than two."""
    items = len(found.whole[transfer][0].scores)
    clean = np.setdiff1d(np.arange(items), found.leaked).astype(np.int64)
    return found.gain(transfer, control, clean) if 2 <= len(clean) < items else None


def _comparisons(found: Found, transfer: str, control: str) -> tuple[Comparison, ...]:
    """All pairs of interest but the main one, judged together."""
    names = [entry.name for entry in found.design.entries]
    pairs = [(transfer, name) for name in names if name not in (transfer, control)]
    pairs += [(entry.name, control) for entry in found.design.entries if entry.role == "other"]
    judged = judged_together({f"{of}\0{over}": found.gain(of, over) for of, over in pairs})
    return tuple(Comparison(of=of, over=over, gain=judged[f"{of}\0{over}"]) for of, over in pairs)


def _seconds_saved(arms: Sequence[ArmResult], control: ArmResult) -> float | None:
    """How much sooner a pretrained arm has reached what the control ends with.

    It is the first repeat that counts: it found no features in the cache.
    """
    sooner = [arm.seconds[0] for arm in arms if arm.role != "from nothing" and arm.mean >= control.mean]
    return control.seconds[0] - min(sooner) if sooner else None
