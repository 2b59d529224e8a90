"""Few labels: 8 and 16 texts a class, against contrastive few-shot tuning (SetFit) of the same encoder.

SST-2 and TREC-6, `starter/minilm-l6`, texts drawn by seed, measured on the validation (SST-2) or test file (TREC-6).
`python -m benchmarks.text_few_labels --draws 3` measures the cells that are not in `results/text_few_labels.json` yet
and prints the table; `--table` only prints it. `--setfit PYTHON` names the interpreter of an environment that has the
package setfit. Every cell is a process of its own; its seconds go from the texts to a model that can answer, libraries
imported, the encoder still on disk. Those of the processor compare the two on a machine that has other work as well.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from benchmarks.cells import Cells
from benchmarks.harness import RESULTS, machine, needs_shared

CELLS = Cells(RESULTS / "text_few_labels.json")
MODEL = "starter/minilm-l6"
FILES = {"sst2": ("train.csv", "validation.csv"), "trec6": ("train.csv", "test.csv")}
SHOTS = (8, 16)
ARMS = {"probe": "linear-probe", "contrastive": "contrastive", "auto": "auto", "setfit": ""}
PACE = "processor_seconds"
OURS = """
import json, sys, time
from pathlib import Path
import sklearn.linear_model, torch, transformers.models.bert.modeling_bert
import headstart as hs, headstart.combining, headstart.planning
asked = json.load(open(sys.argv[1]))
place = Path(asked["folder"])
started, worked = time.perf_counter(), time.process_time()
options = hs.FitOptions(model=asked["model"], strategy=asked["strategy"], seed=asked["seed"], test=0.0)
run = hs.fit(place / "train.csv", output=place / "run", options=options)
seconds = {"seconds": time.perf_counter() - started, "processor_seconds": time.process_time() - worked}
print(json.dumps({"accuracy": run.evaluate(place / "test.csv").metrics["accuracy"], **seconds}))
"""
DEVELOPMENT = 100
"""Draws from this one on are for choosing settings: they are measured on other texts of the training file."""
MEASURED = 500
THEIRS = """
import json, sys, time
import transformers.models.bert.modeling_bert
from datasets import Dataset
from setfit import SetFitModel, Trainer, TrainingArguments
asked = json.load(open(sys.argv[1]))
started, worked = time.perf_counter(), time.process_time()
model = SetFitModel.from_pretrained(asked["model"], device="cpu")
arguments = TrainingArguments(output_dir=asked["folder"], batch_size=16, num_epochs=1, seed=asked["seed"],
                              report_to="none", save_strategy="no", show_progress_bar=False)
trainer = Trainer(model=model, args=arguments, train_dataset=Dataset.from_dict(asked["train"]))
trainer.train()
seconds = {"seconds": time.perf_counter() - started, "processor_seconds": time.process_time() - worked}
said = [str(label) for label in model.predict(asked["test"]["text"])]
right = sum(ours == theirs for ours, theirs in zip(said, asked["test"]["label"])) / len(said)
print(json.dumps({"accuracy": right, **seconds}))
"""


def _rows(data: str, name: str) -> list[dict[str, str]]:
    with (needs_shared("data", data) / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def drawn(data: str, shots: int, seed: int) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """So many texts of each class to learn from, and those that are measured on."""
    rows, held_out = (_rows(data, name) for name in FILES[data])
    chosen: dict[str, list[dict[str, str]]] = {}
    others = []
    for place in np.random.default_rng(seed).permutation(len(rows)):
        kept = chosen.setdefault(rows[place]["label"], [])
        (kept if len(kept) < shots else others).append(rows[place])
    if seed >= DEVELOPMENT:
        held_out = others[:MEASURED]
    return [row for label in sorted(chosen) for row in chosen[label]], held_out


def measured(arm: str, data: str, shots: int, seed: int, *, setfit: str) -> dict[str, Any]:
    """One training in a process of its own: of ours with features computed anew, of SetFit with its own defaults."""
    from headstart.models.bundled_texts import text_starter_folder

    train, test = drawn(data, shots, seed)
    columns = [{key: [row[key] for row in rows] for key in ("text", "label")} for rows in (train, test)]
    with tempfile.TemporaryDirectory() as place:
        for name, content in (("train.csv", train), ("test.csv", test)):
            with (Path(place) / name).open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, ["text", "label"], extrasaction="ignore")
                writer.writeheader()
                writer.writerows(content)
        asked = {"model": MODEL if ARMS[arm] else str(text_starter_folder("minilm-l6")), "strategy": ARMS[arm]}
        asked |= {"folder": place, "seed": seed, "train": columns[0], "test": columns[1]}  # type: ignore[dict-item]
        path = Path(place) / "asked.json"
        path.write_text(json.dumps(asked))
        python, script = (sys.executable, OURS) if ARMS[arm] else (setfit, THEIRS)
        environment = os.environ | {"HEADSTART_CACHE": str(Path(place) / "cache")}
        command = [python, "-c", script, str(path)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if ended.returncode:
            raise SystemExit(f"{arm} ended with {ended.returncode}:\n{ended.stderr[-2000:]}")
        found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
        return found


def table() -> str:
    """A line a setting: the means, and what sets each of our arms apart from SetFit, in pairs with 95 % intervals."""
    cells = CELLS.read()
    lines = [
        "| data | a class | arm | draws | accuracy | processor s | more than SetFit, points | of its time |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for data in FILES:
        for shots in SHOTS:
            by_arm = {arm: _cells_of(cells, arm, data, shots) for arm in ARMS}
            for arm, found in by_arm.items():
                if found:
                    mean, spent = (np.mean([cell[key] for cell in found.values()]) for key in ("accuracy", PACE))
                    more, share = ("", "") if arm == "setfit" else _beside(found, by_arm["setfit"])
                    row = (data, shots, arm, len(found), f"{100 * mean:.1f} %", f"{spent:.0f}", more, share)
                    lines.append("".join(f"| {cell} " for cell in row) + "|")
    return "\n".join(lines)


def _cells_of(cells: dict[str, dict[str, Any]], arm: str, data: str, shots: int) -> dict[int, dict[str, Any]]:
    start = f"{data}-{shots}-{arm}-"
    found = {int(name.removeprefix(start)): cell for name, cell in cells.items() if name.startswith(start)}
    return {seed: cell for seed, cell in found.items() if seed < DEVELOPMENT}


def _beside(found: dict[int, dict[str, Any]], other: dict[int, dict[str, Any]]) -> tuple[str, str]:
    """The difference in points and the share of the time, over the draws that both have."""
    both = sorted(found.keys() & other.keys())
    if not both:
        return "", ""
    pairs = [100 * (found[seed]["accuracy"] - other[seed]["accuracy"]) for seed in both]
    share = sum(found[seed][PACE] for seed in both) / sum(other[seed][PACE] for seed in both)
    mean = np.mean(pairs)
    if len(pairs) < 2:
        return f"{mean:+.1f}", f"{share:.2f}"
    half = stats.sem(pairs) * stats.t.ppf(0.975, len(pairs) - 1)
    return f"{mean:+.1f} ({mean - half:+.1f} to {mean + half:+.1f}), {len(pairs)} pairs", f"{share:.2f}"


def main() -> None:
    """Measure what is missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--first", type=int, default=0, help=f"the first draw; those from {DEVELOPMENT} on are apart")
    parser.add_argument("--data", choices=list(FILES), nargs="*", default=list(FILES))
    parser.add_argument("--shots", type=int, choices=SHOTS, nargs="*", default=list(SHOTS))
    parser.add_argument("--arm", choices=list(ARMS), nargs="*", default=list(ARMS))
    parser.add_argument("--setfit", metavar="PYTHON", help="the interpreter of an environment with the package setfit")
    asked = parser.parse_args()
    draws = range(asked.first, asked.first + asked.draws)
    for seed in () if asked.table else draws:
        for data in asked.data:
            for shots in asked.shots:
                for arm in asked.arm:
                    name = f"{data}-{shots}-{arm}-{seed}"
                    if name in CELLS.read() or (arm == "setfit" and not asked.setfit):
                        continue
                    cell = measured(arm, data, shots, seed, setfit=asked.setfit)
                    CELLS.add(name, {**cell, "machine": machine()})
                    print(name, f"{cell['accuracy']:.4f}", f"{cell[PACE]:.0f} s of the processor", flush=True)
    print(table())


if __name__ == "__main__":
    main()
