"""What a fit on few texts reaches: the probe, `lp-ft` and `auto`, and what one would do by hand; how fast it is.

SST-2, 500 training texts drawn by seed, measured on the validation file, with `starter/minilm-l6`; all of them with
`--data sst2-full`; with `--data imdb`, 600 long documents, measured on 1,000 others that are the same for all seeds.
`python -m benchmarks.text_accuracy` measures the cells that are not in `results/text_accuracy.json` yet and prints the
table; `--table` only prints it, `--arm NAME` measures one arm, `--seeds` so many; `--budget` is that of `auto`.
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cells import Cells
from benchmarks.harness import RESULTS, machine, needs_shared
from benchmarks.text_peers import bag_of_words, bits, parts_of, trainer

CELLS = Cells(RESULTS / "text_accuracy.json")
MODEL = "starter/minilm-l6"
DATA: dict[str, tuple[str, str, str, int | None, int | None]] = {
    "sst2": ("sst2", "train.csv", "validation.csv", 500, None),
    "sst2-full": ("sst2", "train.csv", "validation.csv", None, None),
    "imdb": ("imdb", "train.csv", "test.csv", 600, 1000),
}
"""The folder, its files to learn from and to measure on, and how many texts of each (None: all of them)."""
BUDGETS = {"sst2": 180.0, "imdb": 600.0}
"""Of the cells of `auto` that do not name theirs."""
EPOCH_TEXTS = 256
"""Of the measurement of speed: one epoch, batches of 16."""


def rows_of(name: str, data: str = "sst2") -> list[dict[str, str]]:
    """The rows of one file."""
    with (needs_shared("data", DATA[data][0]) / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def drawn(seed: int, folder: Path, data: str = "sst2") -> Path:
    """A folder with the training texts, and those that are measured on as its test part."""
    _, train, test, texts, measured = DATA[data]
    rows, held_out = rows_of(train, data), rows_of(test, data)
    chosen = np.random.default_rng(seed).permutation(len(rows))[:texts]
    if measured is not None:
        held_out = [held_out[row] for row in np.random.default_rng(0).permutation(len(held_out))[:measured]]
    for name, content in (("train.csv", [rows[row] for row in chosen]), ("test.csv", held_out)):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["text", "label"])
            writer.writeheader()
            writer.writerows(content)
    return folder


def fitted(
    strategy: str, seed: int, data: str = "sst2", budget: float | None = None, held_back: float = 0.2
) -> dict[str, Any]:
    """One fit with its own defaults, features computed anew; `right` says which texts, for differences in pairs.

    With none held back, all texts train, as with a plain loop, and there is nothing that could choose an epoch.
    """
    import headstart as hs

    with tempfile.TemporaryDirectory() as place:
        os.environ["HEADSTART_CACHE"] = str(Path(place) / "cache")
        source = drawn(seed, Path(place), data)
        started, worked = time.perf_counter(), time.process_time()
        options = hs.FitOptions(model=MODEL, strategy=strategy, seed=seed, budget=budget, validation=held_back)
        run = hs.fit(source, output=Path(place) / "run", options=options)
        record = run.record
        seconds = {"seconds": time.perf_counter() - started, "processor_seconds": time.process_time() - worked}
        said = run.predict([row["text"] for row in parts_of(source)[1]])
        right = [one.label == row["label"] for one, row in zip(said, parts_of(source)[1], strict=True)]
        return {
            "accuracy": run.metrics["accuracy"],
            "log_loss": run.metrics["log_loss"],
            **{name: round(value, 1) for name, value in seconds.items()},
            "training_seconds": round(record.seconds.get("train", 0.0), 1),
            "epochs": record.plan.strategy.epochs,
            "right": bits(right),
            "budget": budget,
            "views": {view.name: [round(view.score, 4), view.weight] for view in record.views},
            "reasons": [f"{one.choice}: {one.value}" for one in record.plan.reasons],
            "notes": list(record.notes),
            "machine": machine(),
        }


def plain(seed: int, data: str = "sst2") -> dict[str, Any]:
    """Logistic regression on frozen mean-pooled features as sentence-transformers computes them."""
    from sentence_transformers import SentenceTransformer
    from sklearn.linear_model import LogisticRegression

    from headstart.models.bundled_texts import text_starter_folder

    with tempfile.TemporaryDirectory() as place:
        folder = drawn(seed, Path(place), data)
        parts = [list(csv.DictReader((folder / name).open(encoding="utf-8"))) for name in ("train.csv", "test.csv")]
    started, worked = time.perf_counter(), time.process_time()
    encoder = SentenceTransformer(str(text_starter_folder("minilm-l6")), device="cpu")
    features = [encoder.encode([row["text"] for row in part], show_progress_bar=False) for part in parts]
    labels = [[row["label"] for row in part] for part in parts]
    classifier = LogisticRegression(max_iter=1000).fit(features[0], labels[0])
    return {
        "accuracy": float(classifier.score(features[1], labels[1])),
        "seconds": round(time.perf_counter() - started, 1),
        "processor_seconds": round(time.process_time() - worked, 1),
        "machine": machine(),
    }


def speed(seed: int, data: str = "sst2") -> dict[str, Any]:
    """Processor seconds of one epoch over the same texts: batches of like length, and a plain loop's shuffled ones."""
    import torch

    from headstart import models
    from headstart.data.text_inputs import text_input_column
    from headstart.features.preparation import preparation_of
    from headstart.tasks import TASKS
    from headstart.tasks.task import Model
    from headstart.train.feed import chunks_of, epoch_order, split_order
    from headstart.train.text_feed import TextFeed, TextSettings

    rows = [row["text"] for row in rows_of("train.csv", data)]
    texts = [rows[row] for row in np.random.default_rng(seed).permutation(len(rows))[:EPOCH_TEXTS]]
    backbone = models.load(MODEL)
    assert backbone.card.input is not None
    preparation = preparation_of(backbone, backbone.card.input)
    feed = TextFeed(
        text_input_column(texts)[0], np.arange(len(texts), dtype=np.int32) % 2, preparation, TextSettings(length=256)
    )
    task = TASKS["text-classification"]()
    model = Model(backbone, task.head(backbone, 2)).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6)

    def epoch(chunks: list[Any]) -> float:
        worked = time.process_time()
        for batch in feed.batches(chunks, epoch=0, device="cpu"):
            optimizer.zero_grad(set_to_none=True)
            task.loss(model(batch.inputs), batch.targets).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        return time.process_time() - worked

    sorted_batches = chunks_of(feed, 16, seed=seed, epoch=0)
    shuffled = split_order(epoch_order(len(feed), seed=seed, epoch=0), 16)
    epoch(sorted_batches[:2])
    ours, theirs = zip(*((epoch(sorted_batches), epoch(shuffled)) for _ in range(3)), strict=True)
    return {"ours": list(ours), "theirs": list(theirs), "ratio": float(np.median(theirs) / np.median(ours))}


def by_hand(arm: Callable[[Path], dict[str, Any]], seed: int, data: str) -> dict[str, Any]:
    """A peer on the same texts."""
    with tempfile.TemporaryDirectory() as place:
        return arm(drawn(seed, Path(place), data))


ARMS: dict[str, Callable[[int, str, float | None], dict[str, Any]]] = {
    "plain": lambda seed, data, _: plain(seed, data),
    "bag-of-words": lambda seed, data, _: by_hand(bag_of_words, seed, data),
    "trainer": lambda seed, data, _: by_hand(partial(trainer, seed=seed), seed, data),
    "linear-probe": lambda seed, data, _: fitted("linear-probe", seed, data),
    "lp-ft": lambda seed, data, _: fitted("lp-ft", seed, data),
    "full": lambda seed, data, _: fitted("full", seed, data),
    "full-on-all": lambda seed, data, _: fitted("full", seed, data, held_back=0.0),
    "auto": lambda seed, data, budget: fitted("auto", seed, data, budget),
    "speed": lambda seed, data, _: speed(seed, data),
}


def table() -> str:
    """A line a cell."""
    lines = ["| arm | seed | accuracy | seconds | processor seconds |", "|---|---|---|---|---|"]
    for name, cell in CELLS.read().items():
        arm, seed = name.rsplit("-", 1)
        if "accuracy" in cell:
            spent = f"{cell['seconds']:.0f} | {cell['processor_seconds']:.0f}"
            lines.append(f"| {arm} | {seed} | {100 * cell['accuracy']:.1f} % | {spent} |")
        else:
            lines.append(f"| {arm} | {seed} | {cell['ratio']:.2f}x the speed of shuffled batches | | |")
    return "\n".join(lines)


def main() -> None:
    """Measure what is missing, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--arm", choices=list(ARMS))
    parser.add_argument("--data", choices=list(DATA), default="sst2")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--budget", type=float, metavar="SECONDS")
    asked = parser.parse_args()
    for seed in range(0 if asked.table else asked.seeds):
        for arm in [asked.arm] if asked.arm else list(ARMS):
            other = arm == "auto" and asked.budget not in (None, BUDGETS.get(asked.data))
            called = f"{arm}-of-{asked.budget:g}s" if other else arm
            name = f"{called}-{seed}" if asked.data == "sst2" else f"{asked.data}-{called}-{seed}"
            if name not in CELLS.read():
                budget = (asked.budget or BUDGETS.get(asked.data)) if arm == "auto" else None
                CELLS.add(name, ARMS[arm](seed, asked.data, budget))
    print(table())


if __name__ == "__main__":
    main()
