"""What `starter/zh-char` brings on Chinese reviews: against itself from scratch, a bag of words, an English encoder.

ChnSentiCorp, 1,000 training texts drawn by seed, measured on its validation file. `python -m benchmarks.text_chinese`
measures the cells that are not in `results/text_chinese.json` yet and prints the table; `--table` only prints it.
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cells import Cells
from benchmarks.harness import RESULTS, machine, needs_shared

CELLS = Cells(RESULTS / "text_chinese.json")
MODEL = "starter/zh-char"
TEXTS = 1000
ENGLISH = "starter/minilm-l6"
ARMS = {
    "fine-tuned": "full",
    "linear probe": "linear-probe",
    "from scratch": "scratch",
    "bag of words": "",
    "linear probe of minilm-l6": "linear-probe",
}


def _rows(name: str) -> list[dict[str, str]]:
    with (needs_shared("data", "chnsenticorp_zh") / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def drawn(seed: int, folder: Path, *, texts: int = TEXTS) -> Path:
    """A folder with so many training texts and the validation file as its test part."""
    rows = _rows("train.csv")
    chosen = np.random.default_rng(seed).permutation(len(rows))[:texts]
    for name, content in (("train.csv", [rows[row] for row in chosen]), ("test.csv", _rows("validation.csv"))):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["text", "label"])
            writer.writeheader()
            writer.writerows(content)
    return folder


def measured(arm: str, seed: int, model: str) -> dict[str, Any]:
    """One cell."""
    import headstart as hs

    started, worked = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as place:
        os.environ["HEADSTART_CACHE"] = str(Path(place) / "cache")
        data = drawn(seed, Path(place))
        if ARMS[arm]:
            model = ENGLISH if arm.endswith("minilm-l6") else model
            options = hs.FitOptions(model=model, strategy=ARMS[arm], seed=seed)
            run = hs.fit(data, output=Path(place) / "run", options=options)
            accuracy = run.metrics["accuracy"]
        else:
            accuracy = _words(data)
    return {
        "accuracy": accuracy,
        "seconds": round(time.perf_counter() - started, 1),
        "processor_seconds": round(time.process_time() - worked, 1),
        "machine": machine(),
    }


def _words(folder: Path) -> float:
    """The bag of words that takes part in verdicts."""
    import headstart as hs
    from headstart.comparing.arm import Bout
    from headstart.comparing.bag_of_words import ARM
    from headstart.core.dataset import Part
    from headstart.data.splitting import assign_parts

    dataset = assign_parts(hs.load_data(folder).dataset)
    (entry,) = ARM.entries(hs.VerdictOptions(model=MODEL))
    answer = ARM.answer(entry, Bout(dataset, seed=0, budget=60.0))
    return float((answer.probabilities.argmax(1) == dataset.part(Part.TEST).targets).mean())


def table() -> str:
    """A line an arm: the accuracies of the seeds, and the difference to from scratch in pairs."""
    cells = CELLS.read()
    lines = ["| arm | seeds | accuracy | more than from scratch |", "|---|---|---|---|"]
    for arm in ARMS:
        found = {
            int(name.rsplit("-", 1)[1]): cell["accuracy"] for name, cell in cells.items() if name.startswith(f"{arm}-")
        }
        both = [
            (value, cells[f"from scratch-{seed}"]["accuracy"])
            for seed, value in found.items()
            if f"from scratch-{seed}" in cells
        ]
        more = np.mean([100 * (ours - theirs) for ours, theirs in both]) if both else float("nan")
        shown = ", ".join(f"{100 * value:.1f}" for value in found.values())
        lines.append(f"| {arm} | {len(found)} | {shown} | {more:+.1f} |")
    return "\n".join(lines)


def main() -> None:
    """Measure what is missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--model", default=MODEL, help="another encoder, such as one that has just been made")
    asked = parser.parse_args()
    for seed in range(0 if asked.table else asked.seeds):
        for arm in ARMS:
            if f"{arm}-{seed}" not in CELLS.read():
                CELLS.add(f"{arm}-{seed}", measured(arm, seed, asked.model))
                print(arm, seed, CELLS.read()[f"{arm}-{seed}"]["accuracy"], flush=True)
    print(table())


if __name__ == "__main__":
    main()
