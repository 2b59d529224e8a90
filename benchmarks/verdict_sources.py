"""Whether the verdict is right about sources that one would not expect to help, against a truth measured at length.

Fresh weights that are presented as pretrained, a network that has learnt photos with random labels by heart, one
trained on noise, one on gratings, and the bundled one. On each data set all of them, and both arms from nothing, are
trained ten times and tested on 1,500 or 2,000 items. Any five of these repeats on 500 of the items are what `verdict`
has to decide with; the others, on the other items, are the truth that it is held against, so nothing is used twice.
`python -m benchmarks.verdict_sources` measures into `results/verdict_sources.json` and writes the README's table;
`--table` only writes.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cells import Cells
from benchmarks.draws import unpacked
from benchmarks.harness import RESULTS, WORK, machine, needs_shared
from benchmarks.selection_sources import BUNDLED, SHAM, SIDE, decoded, located

CELLS = Cells(RESULTS / "verdict_sources.json")
DATA = (("digits-10", 14.0), ("usps-20", 60.0), ("usps-20", 4.0))
"""What to learn, and the seconds of one repeat of one arm: what training from scratch takes by itself, or far less."""
SOURCES = ("resnet-of-permuted-labels", "resnet-of-noise", "resnet-of-gratings", SHAM, BUNDLED)
NOTHING = ("scratch", "random-weights")
REPEATS, SHORT, TESTED, SHORT_TESTED, MARGIN = 10, 5, 2000, 500, 0.01
README = Path(__file__).parent / "README.md"
START, END = "<!-- verdict sources: start -->", "<!-- verdict sources: end -->"

Scores = dict[str, np.ndarray]


def drawn(data: str) -> dict[str, Any]:
    """A few pictures a class to train with, and those to test on."""
    name, per_class = data.split("-")
    random = np.random.default_rng(0)
    if name == "digits":
        from sklearn.datasets import load_digits

        found = load_digits()
        pictures, labels = (found.images * 255 / 16).astype(np.uint8), found.target.astype(str)
        order = random.permutation(len(labels))
        train = np.concatenate([order[labels[order] == label][: int(per_class)] for label in np.unique(labels)])
        test = np.setdiff1d(order, train)[: 3 * SHORT_TESTED]
        return {part: (pictures[of], labels[of]) for part, of in (("train", train), ("test", test))}
    packed = np.load(needs_shared("data", name, f"{name}.npz"), allow_pickle=False)
    parts = {}
    for part in ("train", "test"):
        names, encoded = unpacked(packed, part)
        order = random.permutation(len(names))
        if part == "train":
            order = np.concatenate([order[names[order] == label][: int(per_class)] for label in np.unique(names)])
        chosen = order if part == "train" else order[:TESTED]
        parts[part] = (np.stack([decoded(encoded(int(place))) for place in chosen]), names[chosen])
    return parts


def measured(data: str, seconds: float) -> Scores:
    """(R, N) of every arm, by one long comparison that goes on where it was stopped."""
    import headstart as hs
    from headstart.comparing.cells import Cell, scores_of

    folder = WORK / "verdict_sources" / f"{data}-{seconds:.0f}"
    first, *others = (located(source) for source in SOURCES)
    arms = len(SOURCES) + len(NOTHING) + 1
    options = hs.VerdictOptions(
        model=first,
        models=tuple(others),
        strategy="full",
        image_size=SIDE,
        repeats=REPEATS,
        budget=REPEATS * seconds * arms,
        margin=MARGIN,
        curve=False,
        validation=0.0,
    )
    if not (folder / "verdict.json").exists():
        hs.verdict(drawn(data), output=folder, options=options, resume=folder.exists())
    cells = [Cell.read(path) for path in sorted((folder / "cells").glob("*.json"))]
    by_arm: dict[str, list[Cell]] = {}
    for cell in sorted(cells, key=lambda cell: cell.place.repeat):
        by_arm.setdefault(cell.place.arm, []).append(cell)
    names = {"transfer": SOURCES[0], **{f"./{source}": source for source in SOURCES}}
    return {names.get(arm, arm): scores_of(found) for arm, found in by_arm.items()}


def answer(scores: Scores, source: str, repeats: np.ndarray, items: np.ndarray) -> dict[str, Any]:
    """What `verdict` decides with these repeats and items: the arm from nothing that decides, as it chooses it."""
    from headstart.comparing.evidence import gain_of, gain_over_draws
    from headstart.comparing.judging import deciding

    picked = {name: values[np.ix_(repeats, items)] for name, values in scores.items()}
    judges = {"scratch": gain_of, "random-weights": gain_over_draws}
    gains = {name: judges[name](picked[source], picked[name], groups=None, margin=MARGIN) for name in NOTHING}
    best = max(NOTHING, key=lambda name: picked[name].mean())
    gain = gains[deciding(gains, control=best)]
    return {"decision": gain.decision, "gain": gain.estimate, "low": gain.low, "high": gain.high}


def wrong(decision: str, truth: dict[str, Any]) -> bool:
    """Whether a decision contradicts what is certain of the truth, which need not be decided itself."""
    impossible = {
        "helps": truth["high"] <= MARGIN,
        "hurts": truth["low"] >= -MARGIN,
        "equivalent": truth["low"] >= MARGIN or truth["high"] <= -MARGIN,
    }
    return impossible.get(decision, False)


def judged(scores: Scores) -> dict[str, Any]:
    """Each source: the truth on everything, and what the short verdicts say of it."""
    made, tested = next(iter(scores.values())).shape
    repeats, items = np.arange(made), np.arange(tested)
    order = np.random.default_rng(0).permutation(items)
    found: dict[str, Any] = {}
    for source in SOURCES:
        said: list[str] = []
        against = 0
        for few in np.split(repeats[: made // SHORT * SHORT], made // SHORT):
            for some in np.split(order, len(order) // SHORT_TESTED):
                short = answer(scores, source, few, some)
                rest = answer(scores, source, np.setdiff1d(repeats, few), np.setdiff1d(items, some))
                said.append(short["decision"])
                against += wrong(short["decision"], rest)
        found[source] = {
            "truth": answer(scores, source, repeats, items),
            "said": dict(Counter(said)),
            "verdicts": len(said),
            "wrong": against,
        }
    means = {name: float(values.mean()) for name, values in scores.items()}
    return {"arms": means, "repeats": made, "items": tested, "sources": found}


def table() -> str:
    """The README's part."""
    lines = [
        "| data, repeats x items | source | gain, all of them | so it "
        "| verdicts: helps, hurts, equivalent, undetermined | contradict the rest |",
        "|---|---|---|---|---|---|",
    ]
    names = {SHAM: "fresh weights", BUNDLED: "the bundled network"}
    for data, cell in CELLS.read().items():
        for source, row in cell["sources"].items():
            truth, said = row["truth"], row["said"]
            gain = f"{100 * truth['gain']:+.1f} ({100 * truth['low']:+.1f} to {100 * truth['high']:+.1f})"
            counts = ", ".join(str(said.get(name, 0)) for name in ("helps", "hurts", "equivalent", "undetermined"))
            name = names.get(source, source.removeprefix("resnet-of-").replace("-", " "))
            decision = (
                "is " + truth["decision"] if truth["decision"] in ("equivalent", "undetermined") else truth["decision"]
            )
            size = f"{data}, {cell['repeats']} x {cell['items']}"
            lines.append(f"| {size} | {name} | {gain} | {decision} | {counts} | {row['wrong']} of {row['verdicts']} |")
    return "\n".join(lines)


def main() -> None:
    """Measure what is missing and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--table", action="store_true")
    asked = parser.parse_args()
    for data, seconds in () if asked.table else DATA:
        name = f"{data}, {seconds:.0f} s"
        if name not in CELLS.read():
            CELLS.add(name, {**judged(measured(data, seconds)), "machine": machine()})
    head, _, rest = README.read_text().partition(START)
    _, _, tail = rest.partition(END)
    README.write_text(f"{head}{START}\n{table()}\n{END}{tail}")


if __name__ == "__main__":
    main()
