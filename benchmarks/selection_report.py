"""What the cells of the selection benchmark say: regret and cost of `rank`, simpler rules, spreads, the ladder."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.cells import Found
from benchmarks.selection_sources import CANDIDATES, LADDER
from headstart.metrics.contest import Proxy, Standing, paired_means, standing
from headstart.metrics.expectation import Foresight, expected

Doubles = npt.NDArray[np.float64]
README = Path(__file__).parent / "README.md"
START, END = "<!-- selection: start -->", "<!-- selection: end -->"


@dataclass(frozen=True)
class Outcome:
    """A data set whose candidates are all measured: accuracies (fractions) by candidate, and the ranking of them."""

    data: str
    truth: dict[str, float]
    right: dict[str, Doubles]
    """The candidates' right answers on the test items (N,), averaged over the seeds."""
    cost: float
    """Seconds of processor that fine-tuning every candidate once took."""
    ranking: dict[str, Any]

    @property
    def best(self) -> str:
        """The best candidate by the truth."""
        return max(self.truth, key=lambda name: self.truth[name])

    def regret(self, chosen: str) -> float:
        """How many points another choice would have brought."""
        return 100 * (self.truth[self.best] - self.truth[chosen])


REDUCED = ("flowers5-20", "hymenoptera-40")
"""Data sets that are there as a whole as well."""
TRAINED = "rank-with-trainings"
"""Rankings of the same data whose trainings were judged on 40 to 100 items, as `rank` did before it asked for 200."""


def outcomes(cells: Found, data: Sequence[str], *, ranking: str = "rank") -> list[Outcome]:
    """The data sets of which every candidate, and the ranking, has been measured."""
    found = []
    for name in data:
        rankings = [cell for key, cell in cells.items() if key.startswith(f"{name} {ranking} ")]
        trained = {
            model: [cell for key, cell in cells.items() if key.startswith(f"{name} lp-ft {model} ")]
            for model in CANDIDATES
        }
        if not rankings or not all(trained.values()):
            continue
        right = {model: np.mean([digits(cell["right"]) for cell in those], axis=0) for model, those in trained.items()}
        found.append(
            Outcome(
                data=name,
                truth={model: float(values.mean()) for model, values in right.items()},
                right=right,
                cost=sum(statistics.mean(cell["processor"] for cell in those) for those in trained.values()),
                ranking=rankings[0],
            )
        )
    return found


def digits(text: str) -> Doubles:
    """One number a character."""
    return np.array([int(character) for character in text], np.float64)


@dataclass(frozen=True)
class Constants:
    """Those of `headstart.racing` that decide; spreads in standard deviations of an item's score."""

    agreement: float
    unseen: float
    trial: float
    same: float


def replay(outcome: Outcome, constants: Constants) -> tuple[list[str], Standing, float]:
    """What the ranking would have made of the same measurements by other constants: candidates, standing, the unit."""
    ranking = outcome.ranking
    names = list(ranking["probes"])
    right = np.stack([digits(ranking["probes"][name]) for name in names])
    unit, folds = float(np.mean(right.std(axis=1))), digits(ranking["folds"])
    ranks = [ranking["rows"][name]["place"] for name in names]
    expects = expected(ranks, right, Foresight(constants.agreement, constants.unseen * unit))
    proxies = []
    for fold, lap in ranking["laps"].items():
        scores = np.full((len(names), int((folds == int(fold)).sum())), np.nan)
        spread = np.full(len(names), constants.trial * unit)
        for name, (share, values) in lap.items():
            scores[names.index(name)] = values
            spread[names.index(name)] /= share
        proxies.append(Proxy(scores, spread))
    return names, standing(proxies, expected=expects), unit


def choice(outcome: Outcome, constants: Constants) -> str:
    """What would have been chosen: the fastest of those that are within `same` of the best."""
    names, found, unit = replay(outcome, constants)
    best = found.means[found.best]
    near = [name for name, mean in zip(names, found.means, strict=True) if best - mean <= constants.same * unit]
    return min(near, key=lambda name: outcome.ranking["rows"][name]["milliseconds"])


def agreement(outcome: Outcome) -> float:
    """The correlation of average ranks with the accuracy of the fine-tuned candidates."""
    rows = outcome.ranking["rows"]
    return float(np.corrcoef([-row["place"] for row in rows.values()], [outcome.truth[name] for name in rows])[0, 1])


def spreads(found: Sequence[Outcome]) -> tuple[float, float]:
    """The spreads of probes and of short trainings, by the method of moments over all data sets.

    A proxy's differences to the truth, without what is common to all models, have the variance of the items on both
    sides and of the spread; what is left when the first is taken off is the second, in units of an item's deviation.
    """
    sums = {"probe": [0.0, 0.0], "trial": [0.0, 0.0]}
    for outcome in found:
        names = list(outcome.ranking["probes"])
        probes = np.stack([digits(outcome.ranking["probes"][name]) for name in names])
        unit = float(np.mean(probes.std(axis=1)))
        parts: list[tuple[str, list[str], Doubles, Doubles]] = [("probe", names, probes, np.ones(len(names)))]
        for lap in outcome.ranking["laps"].values():
            scores = np.array([values for _, values in lap.values()])
            parts.append(("trial", list(lap), scores, np.array([1 / share for share, _ in lap.values()])))
        for kind, those, scores, factors in parts:
            if len(those) < 2:
                continue
            measured, errors = paired_means(scores)
            truth, more = paired_means(np.stack([outcome.right[name] for name in those]))
            centre = np.eye(len(those)) - 1 / len(those)
            squares = float(((centre @ (measured - truth)) ** 2).sum())
            sums[kind][0] += squares - float(np.trace(centre @ (errors + more) @ centre))
            sums[kind][1] += unit**2 * float(np.trace(centre @ np.diag(factors**2) @ centre))
    probe, trial = (float(np.sqrt(max(left, 0.0) / whole)) if whole else float("nan") for left, whole in sums.values())
    return probe, trial


def choices(found: Sequence[Outcome]) -> str:
    """What `rank` chose, data set by data set, and what it cost."""
    lines = [
        "| data | chosen | its accuracy | best | its accuracy | regret | cost |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in found:
        chosen, best = each.ranking["chosen"], each.best
        share = each.ranking["processor"] / each.cost
        lines.append(
            f"| {each.data} | {chosen} | {100 * each.truth[chosen]:.1f} % | {best} | {100 * each.truth[best]:.1f} % "
            f"| {each.regret(chosen):.1f} | {100 * share:.0f} % |"
        )
    whole = [each for each in found if each.data not in REDUCED]
    for name, those in (
        (f"mean of {len(found)}", found),
        (f"mean of {len(whole)}, without {', '.join(REDUCED)}", whole),
    ):
        regret = statistics.mean(each.regret(each.ranking["chosen"]) for each in those)
        share = statistics.mean(each.ranking["processor"] / each.cost for each in those)
        lines.append(f"| {name} | | | | | **{regret:.2f}** | **{100 * share:.0f} %** |")
    return "\n".join(lines)


def rules(found: Sequence[Outcome]) -> str:
    """Mean regret of `rank` and of simpler rules."""
    scores = {name for each in found for row in each.ranking["rows"].values() for name in row["scores"]}
    means = {model: statistics.mean(each.truth[model] for each in found) for model in CANDIDATES}
    always = max(means, key=lambda model: means[model])
    simple: dict[str, Callable[[Outcome], str]] = {
        "`rank`": lambda each: str(each.ranking["chosen"]),
        "the probe alone": lambda each: _top(each, lambda row: row["probe"]),
        "the prior alone": lambda each: _top(each, lambda row: row["prior"]),
        "average rank, no trainings": lambda each: _top(each, lambda row: -row["place"]),
        f"always {always}, best on average in hindsight": lambda _: always,
        "the largest": lambda each: _top(each, lambda row: row["parameters"]),
        "the fastest": lambda each: _top(each, lambda row: -row["milliseconds"]),
    }
    for name in sorted(scores):
        simple[f"{name} alone"] = lambda each, name=name: _top(each, lambda row: row["scores"].get(name))  # type: ignore[misc]
    lines = ["| rule | mean regret | largest |", "|---|---|---|"]
    for name, rule in simple.items():
        regrets = [each.regret(rule(each)) for each in found]
        lines.append(f"| {name} | {statistics.mean(regrets):.2f} | {max(regrets):.1f} |")
    random = [each.regret(model) for each in found for model in CANDIDATES]
    lines.append(f"| random choice | {statistics.mean(random):.2f} | {max(random):.1f} |")
    return "\n".join(lines)


def _top(each: Outcome, value: Callable[[dict[str, Any]], float | None]) -> str:
    rows = each.ranking["rows"]
    return max(rows, key=lambda name: -np.inf if value(rows[name]) is None else value(rows[name]))


def truths(cells: Found, data: Sequence[str]) -> str:
    """Accuracies of all candidates, as far as they are measured."""
    lines = [f"| candidate | {' | '.join(data)} |", "|---|" + "---|" * len(data)]
    for model in CANDIDATES:
        shown = [accuracy(cells, name, "lp-ft", model) for name in data]
        lines.append(f"| {model} | {' | '.join(shown)} |")
    return "\n".join(lines)


def ladder(cells: Found, data: Sequence[str]) -> str:
    """The widths of one family: probe, and fine-tuned from it."""
    lines = [f"| MobileNetV1 | {' | '.join(data)} |", "|---|" + "---|" * len(data)]
    for model in LADDER:
        shown = [" / ".join(accuracy(cells, name, what, model) for what in ("linear-probe", "lp-ft")) for name in data]
        lines.append(f"| {model.split('_')[2]} | {' | '.join(shown)} |")
    return "\n".join(lines)


def accuracy(cells: Found, data: str, what: str, model: str) -> str:
    """In percent, averaged over the seeds; a dash where it is not measured."""
    found = [cell["accuracy"] for key, cell in cells.items() if key.startswith(f"{data} {what} {model} ")]
    return f"{100 * statistics.mean(found):.1f}" if found else "-"


def spread_table(found: Sequence[Outcome], now: Constants) -> str:
    """What the constants are by these data, and the regret and pace of what others would have chosen."""
    probe, trial = spreads(found)
    alone, agreements = [spreads([each]) for each in found], [agreement(each) for each in found]
    lines = [
        f"Agreement of average ranks with the truth: {statistics.mean(agreements):.2f} "
        f"({', '.join(f'{each:.2f}' for each in agreements)}). "
        f"Spread of probes {probe:.3f} (by data set {', '.join(f'{each[0]:.3f}' for each in alone)}), "
        f"of short trainings {trial:.3f} ({', '.join(f'{each[1]:.3f}' for each in alone)}).",
        "",
        "| agreement | unseen | trial | same | mean regret | ms of the chosen |",
        "|---|---|---|---|---|---|",
    ]
    others = [
        *(replace(now, agreement=value) for value in (0.0, 0.5, 0.9)),
        replace(now, trial=10.0),
        *(replace(now, trial=value) for value in (0.005, 0.1)),
        *(replace(now, same=value) for value in (0.0, 0.025, 0.05)),
    ]
    for constants in (now, *others):
        names = [choice(each, constants) for each in found]
        regret = statistics.mean(each.regret(name) for each, name in zip(found, names, strict=True))
        pace = statistics.mean(
            each.ranking["rows"][name]["milliseconds"] for each, name in zip(found, names, strict=True)
        )
        shown = f"{constants.agreement:.2f} | {constants.unseen:.3f} | {constants.trial:.3f} | {constants.same:.4f}"
        lines.append(f"| {shown} | {regret:.2f} | {pace:.1f} |")
    return "\n".join(lines)


def noise(cells: Found, data: Sequence[str]) -> str:
    """How far two trainings of one candidate that differ in the seed alone are from each other."""
    pairs = [
        (cells[first]["accuracy"], cells[second]["accuracy"])
        for name in data
        for model in CANDIDATES
        if (first := f"{name} lp-ft {model} 0") in cells and (second := f"{name} lp-ft {model} 1") in cells
    ]
    if not pairs:
        return "No candidate has been trained with a second seed."
    deviation = 100 * float(np.sqrt(np.mean([(one - other) ** 2 / 2 for one, other in pairs])))
    off = f"{len(pairs)} candidates with a second seed: one training is off by {deviation:.1f} points (a deviation)."
    once, ranked = [], []
    for each in outcomes(cells, data):
        if f"{each.data} lp-ft {CANDIDATES[0]} 1" not in cells:
            continue
        truths = [
            {model: cells[f"{each.data} lp-ft {model} {seed}"]["accuracy"] for model in CANDIDATES} for seed in (0, 1)
        ]
        for known, truth in (truths, truths[::-1]):
            best = max(truth.values())
            once.append(100 * (best - truth[max(known, key=lambda model: known[model])]))
            ranked.append(100 * (best - truth[each.ranking["chosen"]]))
    return (
        f"{off} With one seed as the truth, the best model by the *test* accuracies of the other seed, the most that "
        f"fine-tuning every candidate once can tell, has a mean regret of {statistics.mean(once):.2f}; `rank`'s "
        f"choice, {statistics.mean(ranked):.2f}."
    )


def section(cells: Found, data: Sequence[str], now: Constants) -> str:
    """Everything that is shown of it."""
    found, trained = outcomes(cells, data), outcomes(cells, data, ranking=TRAINED)
    whole = [each for each in found if each.data not in REDUCED]
    parts = [choices(found), f"All {len(found)}:", rules(found)]
    parts += [f"Without {', '.join(REDUCED)}:", rules(whole), truths(cells, data), noise(cells, data)]
    if trained:
        parts += ["The constants, on rankings with trainings that 40 to 100 items judge:", spread_table(trained, now)]
    return "\n\n".join(parts)


def write(text: str) -> None:
    """Put the section between its markers."""
    head, _, rest = README.read_text(encoding="utf-8").partition(START)
    _, _, tail = rest.partition(END)
    README.write_text(f"{head}{START}\n{text}\n{END}{tail}", encoding="utf-8")
