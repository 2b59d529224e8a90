"""How much evidence the choice of views needs: what comes of it after one to five folds, on test pictures.

Each cell is a small training set drawn by a seed and a network, at 64 pixels. The network is fine-tuned as `auto` does
it, without each of five folds and on everything; all views answer the test pictures, so that every choice can be
judged that the first folds would have led to. `python -m benchmarks.little_evidence` measures the cells that are not in
`results/little_evidence.json` yet and prints the table; `--table` only prints it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.cells import Cells
from benchmarks.draws import drawn_folder
from benchmarks.harness import RESULTS, WORK
from benchmarks.selection_sources import BUNDLED, located

CELLS = Cells(RESULTS / "little_evidence.json")
RAW = WORK / "little_evidence"
SIDE = 64
MODELS = ("mobilenetv2_100.imagenet", "mobilenet_v1_0.75_224.imagenet", BUNDLED)
SETS = {
    "cifar10-20": ("cifar10", 20),
    "mnist-20": ("mnist", 20),
    "usps-20": ("usps", 20),
    "cifar10-10": ("cifar10", 10),
}
SEEDS = (10, 11, 12)
Answers = npt.NDArray[np.float32]


def measured(data: str, model: str, seed: int, share: float) -> dict[str, npt.NDArray[Any]]:
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

    options = FitOptions(model=located(model), seed=seed, image_size=SIDE)
    name, per_class = SETS[data]
    dataset = split(load_data(drawn_folder(name, per_class=per_class, seed=seed)), options)
    study = Study.of(plan(dataset, options), dataset, None)
    probes = probe(study)
    card = study.model.backbone.card.model_copy(update={"input": study.plan.input})
    situation = Situation(items=len(study.known), classes=study.labels, card=card)
    strategy, _ = fine_tuning(study.plan, situation, mirrored=probes.mirrored)
    strategy = strategy.model_copy(update={"steps": steps_of(strategy, len(study.known), share)})
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


def main() -> None:
    """Measure what is missing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.little_evidence", description=__doc__)
    parser.add_argument("--table", action="store_true", help="only print the table")
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--data", choices=[*SETS], nargs="+", default=[*SETS])
    parser.add_argument("--model", choices=MODELS, nargs="+", default=MODELS)
    parser.add_argument("--seed", type=int, nargs="+", default=SEEDS)
    asked = parser.parse_args()
    for seed in asked.seed:
        for data in asked.data:
            for model in asked.model:
                name = f"{data}, {model}, seed {seed}, {asked.share:.0%} of the steps"
                file = RAW / (name.replace("/", "-") + ".npz")
                if file.exists():
                    continue
                started = time.monotonic()
                with tempfile.TemporaryDirectory() as cache:
                    os.environ["HEADSTART_CACHE"] = cache
                    found = measured(data, model, seed, asked.share)
                RAW.mkdir(parents=True, exist_ok=True)
                np.savez(file, **found)
                print(name, f"{time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
