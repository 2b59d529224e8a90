"""Choosing among pretrained models, replayed on accuracies that others have published.

`python -m benchmarks.replay_tables` recomputes the published correlations, replays the prior, every score and both ways
to combine them on 10 networks and 8 data sets, with either of two groups' accuracies as the truth, and the prior and
successive halving where only accuracies are known. It writes its row and the section of the README between its markers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import numpy as np

from benchmarks import replay_checks, replay_halving
from benchmarks.harness import RESULTS, Row, needs_shared
from benchmarks.published import Grid, mean_tau, prior, regrets, selection, summary
from headstart.scores.rank_average import rank_average, shortlist

DEFAULT = "logme, hscore, nce"
"""Of the scores that models are ranked with, those published for these networks. The H-score stands for its adjusted
form, which orders models alike where rows are many, as they were here."""
COMBINED = {
    "logme": ("logme",),
    "nce": ("nce",),
    DEFAULT: ("logme", "hscore", "nce"),
}
PICKS = (1, 2, 3)
README = Path(__file__).parent / "README.md"
START, END = "<!-- replay: start -->", "<!-- replay: end -->"


def averaged(columns: dict[str, Grid]) -> Grid:
    """Minus the mean rank over the columns: bigger is better, as in them."""
    first = next(iter(columns.values()))
    found: Grid = {}
    for data in first:
        models = sorted(first[data])
        ranks = rank_average({name: [column[data][m] for m in models] for name, column in columns.items()})
        found[data] = {m: -cast(float, rank) for m, rank in zip(models, ranks, strict=True)}
    return found


def hybrid(order_of: Grid, scores: Grid, combined: Grid, truth: Grid) -> dict[str, Any]:
    """Regret where the prior's best and the scores' best are always tried, the others in the combined order."""
    lost = []
    for data in sorted(truth):
        models = sorted(truth[data])
        ranks = [-combined[data][m] for m in models]
        best = [max(range(len(models)), key=lambda i, of=of: of[data][models[i]]) for of in (order_of, scores)]
        lost.append(regrets_by_size(ranks, best, [truth[data][m] for m in models]))
    return summary(lost, PICKS)


def regrets_by_size(ranks: list[float], always: list[int], accuracies: list[float]) -> list[float]:
    """With one pick there is no room for both favourites: the combined order's first is taken."""
    found = []
    for size in PICKS:
        picks = shortlist(ranks, size=size, always=always if size > 1 else ())
        found += regrets(picks, accuracies, [len(picks)])
    return found


def replay(truth: Grid, priors: dict[str, Grid]) -> dict[str, Any]:
    """Everything on one truth."""
    scores = replay_checks.published_scores()
    found: dict[str, Any] = {f"{name} alone": selection(grid, truth) for name, grid in scores.items()}
    together = averaged({name: scores[name] for name in COMBINED[DEFAULT]})
    found[DEFAULT] = selection(together, truth)
    for whose, known in priors.items():
        order_of = prior(known, truth)
        found[f"prior of {whose}"] = selection(order_of, truth)
        for label, names in COMBINED.items():
            columns = {"prior": order_of, **{name: scores[name] for name in names}}
            combined = averaged(columns)
            found[f"prior of {whose} + {label}"] = selection(combined, truth)
            best = scores[names[0]] if len(names) == 1 else together
            keeping = hybrid(order_of, best, combined, truth)
            found[f"prior of {whose} + {label}, both favourites kept"] = {"tau": mean_tau(combined, truth), **keeping}
    found["random choice"] = {"regret": random_regret(truth)}
    return found


def random_regret(truth: Grid) -> dict[str, float]:
    """The expected regret of k models drawn at random, exactly."""
    from math import comb

    lost = {}
    for size in PICKS:
        means = []
        for models in truth.values():
            ordered = sorted(models.values(), reverse=True)
            count = len(ordered)
            shares = [comb(count - place - 1, size - 1) / comb(count, size) for place in range(count)]
            means.append(ordered[0] - sum(a * s for a, s in zip(ordered, shares, strict=True)))
        lost[str(size)] = float(np.mean(means))
    return lost


def best_single(found: dict[str, Any]) -> str:
    """In hindsight: the score with the least mean regret of three picks, then the highest tau."""
    alone = [name for name in found if name.endswith(" alone")]
    return min(alone, key=lambda name: (round(found[name]["regret"]["3"], 6), -found[name]["tau"]))


def verdict(grids: dict[str, Any]) -> list[str]:
    """Sentences: the combination against the best single score, chosen for each truth and once for both."""
    name = f"prior of {{whose}} + {DEFAULT}, both favourites kept"
    lines = []
    for whose in ("the same group", "the other group"):
        ours = [found[name.format(whose=whose)]["regret"]["3"] for found in grids.values()]
        each = [found[best_single(found)]["regret"]["3"] for found in grids.values()]
        fixed = best_of_all(grids)
        once = [found[fixed]["regret"]["3"] for found in grids.values()]
        lines.append(
            f"- Mean regret of three picks over both truths, prior of {whose} + {DEFAULT}, both favourites kept: "
            f"{_shown(ours)}. Best single score of each truth in hindsight: {_shown(each)}; "
            f"{fixed}, the best one for both: {_shown(once)}."
        )
    return lines


def _shown(values: list[float]) -> str:
    return f"{np.mean(values):.3f} ({', '.join(f'{value:.3f}' for value in values)})"


def best_of_all(grids: dict[str, Any]) -> str:
    """The single score with the least mean regret of three picks over both truths."""
    alone = [name for name in next(iter(grids.values())) if name.endswith(" alone")]
    return min(alone, key=lambda name: sum(found[name]["regret"]["3"] for found in grids.values()))


def checked() -> tuple[list[str], list[dict[str, Any]]]:
    """The sentences about figures that differ, and all figures."""
    rows = [
        {"what": name, "expected": value, "found": found, "same": bool(abs(found - value) <= tolerance)}
        for name, value, found, tolerance in replay_checks.checks()
    ]
    return [f"{r['what']}: {r['expected']:.3f} expected, {r['found']:.4f} found" for r in rows if not r["same"]], rows


def line(name: str, cell: dict[str, Any]) -> str:
    """One row of a table."""
    tau = f"{cell['tau']:.3f}" if "tau" in cell else ""
    values = [f"{cell['regret'][str(k)]:.2f}" for k in PICKS]
    worst = f"{cell['largest']['3']:.2f}" if "largest" in cell else ""
    return f"| {name} | {tau} | {' | '.join(values)} | {worst} |"


def section(details: dict[str, Any]) -> str:
    """The part of the README."""
    checks, lines = details["checks"], []
    same = sum(check["same"] for check in checks)
    lines += [
        f"{same} of {len(checks)} published or recomputed weighted taus come out the same: "
        "to 0.001, or to 0.005 where two digits are known."
    ]
    lines += [f"- {text}" for text in details["differences"]]
    for truth, found in details["grid"].items():
        lines += ["", f"10 networks x 8 data sets, accuracies of {truth} as the truth. Regret in points:", ""]
        lines += ["| order | mean tau | top 1 | top 2 | top 3 | worst top 3 |", "|---|---|---|---|---|---|"]
        lines += [line(name, cell) for name, cell in found.items()]
        lines += ["", f"Best single score in hindsight: {best_single(found).removesuffix(' alone')}."]
    lines += ["", *verdict(details["grid"])]
    lines += [
        "",
        "Accuracies only, no scores: the prior (mean rank on the other data sets), and successive halving.",
        "",
    ]
    lines += [
        "| data | order | mean tau | regret: mean (median, largest) | cost in fine-tunes |",
        "|---|---|---|---|---|",
    ]
    for data, found in details["accuracies"].items():
        lines += _accuracy_rows(data, found)
    return "\n".join(lines)


def _accuracy_rows(data: str, found: dict[str, Any]) -> list[str]:
    lines = []
    for name, cell in found.items():
        if not isinstance(cell, dict):
            continue
        tau = f"{cell['tau']:.2f}" if "tau" in cell else ""
        for picks, mean in cell["regret"].items():
            spread = f"{mean:.2f} ({cell['median'][picks]:.2f}, {cell['largest'][picks]:.1f})"
            every = found.get("models", "") if "every model" in name else picks
            cost = f"{cell['fine-tunes']:.1f}" if "fine-tunes" in cell else every
            lines.append(f"| {data} | {name}, top {picks} | {tau} | {spread} | {cost} |")
    return lines


def write(text: str) -> None:
    """Put the section between its markers."""
    head, _, rest = README.read_text(encoding="utf-8").partition(START)
    _, _, tail = rest.partition(END)
    README.write_text(f"{head}{START}\n{text}\n{END}{tail}", encoding="utf-8")


def main() -> None:
    """Seconds of arithmetic: everything is computed each time."""
    needs_shared("tables")
    differences, checks = checked()
    groups = {"TLlib": replay_checks.tllib(), "SFDA": replay_checks.sfda()}
    grids = {
        name: replay(
            truth, {"the same group": truth, "the other group": next(g for n, g in groups.items() if n != name)}
        )
        for name, truth in groups.items()
    }
    details: dict[str, Any] = {
        "differences": differences,
        "checks": checks,
        "agreement": replay_checks.agreement(),
        "other group's best": replay_checks.cost_of_the_other_groups_best(),
        "grid": grids,
        "accuracies": {
            "PARC": replay_halving.parc(),
            "SHiFT vision": replay_halving.vision(),
            "SHiFT text": replay_halving.text(),
        },
    }
    print(section(details))
    leads = []
    for found in grids.values():
        single = found[best_single(found)]["regret"]["3"]
        for whose in ("the same group", "the other group"):
            ours = found[f"prior of {whose} + {DEFAULT}, both favourites kept"]["regret"]["3"]
            leads.append((single - ours, ours, single))
    Row(
        name="replay_tables",
        work="three picks among 10 published networks on 8 data sets, prior and scores, both favourites kept: regret",
        against="the best single score, known in hindsight",
        at_least="not worse, for both groups' accuracies and either prior",
        ratio=float(np.mean([lead for lead, _, _ in leads])),
        spread=(min(lead for lead, _, _ in leads), max(lead for lead, _, _ in leads)),
        unit=" points less",
        ours=", ".join(f"{ours:.2f}" for _, ours, _ in leads),
        theirs=", ".join(f"{theirs:.2f}" for _, _, theirs in leads),
        note="own and other group's prior, TLlib's accuracies, then SFDA's",
        details=details,
    ).save()
    write(section(json.loads((RESULTS / "replay_tables.json").read_text())["details"]))


if __name__ == "__main__":
    main()
