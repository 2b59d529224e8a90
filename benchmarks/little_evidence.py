"""How much evidence the choice of views needs: what comes of it after one to five folds, on test pictures.

Each cell is a small training set drawn by a seed and a network, at 64 pixels. The network is fine-tuned as `auto` does
it, without each of five folds and on everything; all views answer the test pictures, so that every choice can be
judged that the first folds would have led to. `python -m benchmarks.little_evidence` measures the cells that are not in
`results/little_evidence.json` yet and prints the table; `--table` only prints it.
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.cells import Cells
from benchmarks.draws import drawn_folder
from benchmarks.harness import RESULTS, WORK, machine
from benchmarks.model_selection import photos
from benchmarks.selection_sources import BUNDLED, located
from benchmarks.text_few_labels import drawn

CELLS = Cells(RESULTS / "little_evidence.json")
RAW = WORK / "little_evidence"
SIDE = 64
PICTURES = ("mobilenetv2_100.imagenet", "mobilenet_v1_0.75_224.imagenet", BUNDLED)
TEXTS = ("starter/minilm-l6",)


def _texts(name: str, shots: int, seed: int) -> Path:
    """`train.csv` with so many texts a class, drawn by the seed, and `test.csv` with a thousand others at most."""
    folder = WORK / "draws" / f"{name}-{shots}-{seed}"
    for part, rows in zip(("train", "test"), drawn(name, shots, seed), strict=True):
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{part}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["text", "label"], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows[: 1000 if part == "test" else None])
    return folder


CHOSEN_BY = ("cifar10-20", "mnist-20", "usps-20")
"""These chose the setting; the others only say what came of it."""
DATA: dict[str, tuple[Callable[[int], Path], tuple[str, ...]]] = {
    "cifar10-20": (lambda seed: drawn_folder("cifar10", per_class=20, seed=seed), PICTURES),
    "mnist-20": (lambda seed: drawn_folder("mnist", per_class=20, seed=seed), PICTURES),
    "usps-20": (lambda seed: drawn_folder("usps", per_class=20, seed=seed), PICTURES),
    "flowers5-20": (lambda _: photos("flowers5", per_class=20), PICTURES),
    "hymenoptera-40": (lambda _: photos("hymenoptera", per_class=40, held_out="val"), PICTURES),
    "sst2-100": (lambda seed: _texts("sst2", 100, seed), TEXTS),
    "trec6-20": (lambda seed: _texts("trec6", 20, seed), TEXTS),
}
SEEDS = (10, 11, 12)
Answers = npt.NDArray[np.float32]


def measured(data: str, model: str, seed: int) -> dict[str, npt.NDArray[Any]]:
    """Answers of all views for unseen known items, fold by fold, and for the test items."""
    from headstart.artefact import TrainedModel
    from headstart.choosing import FOLDS, TUNED, fine_tuning, steps_of
    from headstart.core.dataset import Part
    from headstart.core.options import FitOptions
    from headstart.core.run_record import ModelRecord
    from headstart.core.view import Network
    from headstart.loading import load_data, split
    from headstart.methods.method import Situation
    from headstart.planning import plan
    from headstart.prediction import probabilities
    from headstart.views.assembly import assemble
    from headstart.views.evidence import joined, probe, without
    from headstart.views.study import Study

    options = FitOptions(
        model=model if model in TEXTS else located(model), seed=seed, image_size=None if model in TEXTS else SIDE
    )
    dataset = split(load_data(DATA[data][0](seed)), options)
    study = Study.of(plan(dataset, options), dataset, None)
    probes = probe(study)
    card = study.model.backbone.card.model_copy(update={"input": study.plan.input})
    situation = Situation(items=len(study.known), classes=study.labels, card=card)
    strategy, _ = fine_tuning(study.plan, situation, mirrored=probes.mirrored)
    strategy = strategy.model_copy(update={"steps": steps_of(strategy, len(study.known), 1.0)})
    candidates = tuple(dict.fromkeys([*study.combination.candidates, *TUNED]))
    combination = study.combination.model_copy(update={"candidates": candidates})
    study.plan = study.plan.model_copy(update={"strategy": strategy, "combination": combination})
    folds = [without(study, probes, fold) for fold in range(FOLDS)]
    found: dict[str, npt.NDArray[Any]] = {"test targets": dataset.part(Part.TEST).targets}
    test = dataset.part(Part.TEST)

    def told(evidence: Any, label: str) -> None:
        networks, heads, views = assemble(study, probes, evidence, dict.fromkeys(evidence.answers, 1.0))
        for view, head in zip(views, heads, strict=True):
            used = tuple(dict.fromkeys(view.networks))
            alone = view.model_copy(update={"networks": tuple(used.index(place) for place in view.networks)})
            kept = tuple(networks[place] for place in used)
            record = ModelRecord(
                task=study.plan.task,
                labels=dataset.labels,
                multi_label=False,
                networks=tuple(
                    Network(card=each.card, architecture=each.architecture, precision=study.precision_of(each))
                    for each in kept
                ),
                views=(alone,),
                input=study.plan.input,
                precision=study.precision,
            )
            trained = TrainedModel(record, kept, (head,))
            found[f"{label} {view.name}"] = probabilities(trained, test, device="cpu")

    for count in range(1, FOLDS + 1):
        evidence = joined(study, probes, folds[:count])
        found[f"evidence {count} targets"] = study.known.targets[evidence.items]
        for view, answers in evidence.answers.items():
            found[f"evidence {count} {view}"] = answers
        if count in (1, FOLDS):
            told(evidence, f"test {count}")
    settled = study.combination.model_copy(update={"retrain": False})
    study.plan = study.plan.model_copy(update={"combination": settled})
    told(joined(study, probes, folds[:1]), "fold")
    return found


SITUATIONS = {
    "1 fold, its network": (1, "fold"),
    "1 fold, then on everything": (1, "test 1"),
    "5 folds, then on everything": (5, "test 5"),
}
"""How many folds choose, and which network then answers the test items."""
PROBE, EVIDENCE, EQUAL = "the probe", "by the evidence", "equal"
LEVELS = {50: "50", 100: "100", 200: "200", 400: "400"}


def judged(found: Mapping[str, npt.NDArray[Any]]) -> dict[str, dict[str, list[float]]]:
    """Accuracy and log loss on the test items by situation and by how the views are weighed."""
    from headstart.core.strategy import Combination, Goal
    from headstart.metrics.blending import LOG_LOSS
    from headstart.metrics.goal import score
    from headstart.views.weighing import by_evidence, levelled

    goal, told = Goal(), found["test targets"]
    results: dict[str, dict[str, list[float]]] = {}
    for situation, (count, key) in SITUATIONS.items():
        start = f"evidence {count} "
        targets = found[f"{start}targets"]
        answers = {name.removeprefix(start): found[name] for name in found if name.startswith(start)}
        del answers["targets"]
        weights = by_evidence(answers, targets, goal=goal, combination=Combination())
        ways = {PROBE: {"probe": 1.0}, EVIDENCE: weights}
        ways |= {name: levelled(weights, answers, targets, equal_for=items) for items, name in LEVELS.items()}
        ways[EQUAL] = levelled(weights, answers, targets, equal_for=1e9)
        for way, shares in ways.items():
            said = np.asarray(sum(share * found[f"{key} {name}"] for name, share in shares.items()))
            values = [score(goal, said, told), -score(LOG_LOSS, said, told)]
            results.setdefault(situation, {})[way] = [round(value, 4) for value in values]
    return results


def table() -> str:
    """Means over the cells, and what each way adds to choosing by the evidence alone, with 95 % intervals."""
    ways = [*LEVELS.values(), EQUAL]
    lines = [f"| data | situation | cells | {PROBE} | {EVIDENCE} | {' | '.join(ways)} |", "|---|---|---|" + "---|" * 7]
    cells = CELLS.read()
    for label, chosen in (("that chose", True), ("others", False)):
        group = [cell["judged"] for name, cell in cells.items() if (name.split(",")[0] in CHOSEN_BY) == chosen]
        for situation in SITUATIONS if group else ():
            values = {way: np.array([cell[situation][way] for cell in group]) for way in (PROBE, EVIDENCE, *ways)}
            plain = [
                f"{100 * values[way][:, 0].mean():.1f} %, {values[way][:, 1].mean():.3f}" for way in (PROBE, EVIDENCE)
            ]
            added = []
            for way in ways:
                more = 100 * (values[way][:, 0] - values[EVIDENCE][:, 0])
                half = 1.96 * more.std(ddof=1) / np.sqrt(len(more)) if len(more) > 1 else float("nan")
                added.append(f"{more.mean():+.1f} ± {half:.1f}, {values[way][:, 1].mean():.3f}")
            lines.append(f"| {label} | {situation} | {len(group)} | {' | '.join([*plain, *added])} |")
    return "\n".join(lines)


def main() -> None:
    """Measure what is missing, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.little_evidence", description=__doc__)
    parser.add_argument("--table", action="store_true", help="only print the table")
    parser.add_argument("--data", choices=[*DATA], nargs="+", default=[*DATA])
    parser.add_argument("--seed", type=int, nargs="+", default=SEEDS)
    asked = parser.parse_args()
    for seed in () if asked.table else asked.seed:
        for data in asked.data:
            for model in DATA[data][1]:
                name = f"{data}, {model}, seed {seed}"
                if name in CELLS.read():
                    continue
                file = RAW / (name.replace("/", "-") + ".npz")
                if not file.exists():
                    with tempfile.TemporaryDirectory() as cache:
                        os.environ["HEADSTART_CACHE"] = cache
                        found = measured(data, model, seed)
                    RAW.mkdir(parents=True, exist_ok=True)
                    np.savez(file, **found)
                with np.load(file) as kept:
                    CELLS.add(name, {"judged": judged(kept), "machine": machine()})
                print(name, flush=True)
    print(table())


if __name__ == "__main__":
    main()
