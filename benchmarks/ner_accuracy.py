"""Named entities: a fit against a plain `transformers.Trainer` run of as many epochs, with the same network.

NCBI-disease and WNUT-17, `starter/minilm-l6`, entity F1 on the test part. `python -m benchmarks.ner_accuracy` measures
the cells that are not in `results/ner_accuracy.json` yet and prints the table; `--table` only prints it, `--data NAME`
and `--arm NAME` measure a part of them. The peer has the Trainer's own defaults (a rate of 5e-5), and in an arm of its
own the rate of ours.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cells import Cells
from benchmarks.harness import RESULTS, machine, needs_shared

CELLS = Cells(RESULTS / "ner_accuracy.json")
MODEL = "starter/minilm-l6"
DATA = ("wnut17", "ncbi_disease")
SEEDS = (0, 1, 2)
EPOCHS = 3
LENGTH = 256


def fitted(strategy: str, data: str, seed: int) -> dict[str, Any]:
    """A fit with its own defaults but for the epochs; `auto` decides those itself."""
    import headstart as hs

    with tempfile.TemporaryDirectory() as place:
        os.environ["HEADSTART_CACHE"] = str(Path(place) / "cache")
        settings = hs.StrategyOptions() if strategy == "auto" else hs.StrategyOptions(epochs=EPOCHS)
        started, worked = time.perf_counter(), time.process_time()
        run = hs.fit(
            needs_shared("data", data),
            output=Path(place) / "run",
            options=hs.FitOptions(model=MODEL, strategy=strategy, seed=seed, settings=settings),
        )
        return {
            "entity_f1": run.metrics["entity_f1"],
            "seconds": round(time.perf_counter() - started, 1),
            "processor_seconds": round(time.process_time() - worked, 1),
            "epochs": run.record.plan.strategy.epochs,
            "best_epoch": run.record.best_epoch,
            "notes": list(run.record.notes),
            "machine": machine(),
        }


def plain(rate: float, data: str, seed: int) -> dict[str, Any]:
    """The recipe of transformers' own example: batches of 8, a falling rate, the loss on each word's first token."""
    import torch
    from transformers import (
        AutoModelForTokenClassification,
        AutoTokenizer,
        DataCollatorForTokenClassification,
        Trainer,
        TrainingArguments,
    )

    from headstart.core.tags import tag_names
    from headstart.data import read_dataset
    from headstart.metrics.entities import entity_counts, entity_f1
    from headstart.models.bundled_texts import text_starter_folder

    dataset = read_dataset(str(needs_shared("data", data)))
    folder = str(text_starter_folder("minilm-l6"))
    tokenizer = AutoTokenizer.from_pretrained(folder)

    def rows(part: int) -> list[dict[str, Any]]:
        found = []
        for item in np.flatnonzero(dataset.parts == part):
            text, target = dataset.inputs.read(int(item)), dataset.targets[item]
            words = [text[start:end] for start, end in target.words]
            encoded = tokenizer(words, is_split_into_words=True, truncation=True, max_length=LENGTH)
            of = encoded.word_ids()
            first = [word is not None and (not place or of[place - 1] != word) for place, word in enumerate(of)]
            tags = [int(target.tags[word]) if new else -100 for word, new in zip(of, first, strict=True)]
            found.append(
                {"input_ids": encoded["input_ids"], "attention_mask": encoded["attention_mask"], "labels": tags}
            )
        return found

    torch.manual_seed(seed)
    training, test = rows(0), rows(2)
    names = tag_names(dataset.labels)
    started, worked = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as place:
        model = AutoModelForTokenClassification.from_pretrained(folder, num_labels=len(names), dtype=torch.float32)
        arguments = TrainingArguments(
            output_dir=place,
            num_train_epochs=EPOCHS,
            learning_rate=rate,
            seed=seed,
            report_to=[],
            save_strategy="no",
            disable_tqdm=True,
            use_cpu=not torch.cuda.is_available(),
        )
        collate = DataCollatorForTokenClassification(tokenizer)
        trainer = Trainer(model=model, args=arguments, train_dataset=training, data_collator=collate)
        trainer.train()
        logits = trainer.predict(test).predictions
    spent = {"seconds": time.perf_counter() - started, "processor_seconds": time.process_time() - worked}
    true = [np.array([tag for tag in row["labels"] if tag != -100]) for row in test]
    labels = [np.array(row["labels"]) for row in test]
    said = [_legal(logits[place][: len(own)][own != -100].argmax(axis=1)) for place, own in enumerate(labels)]
    score = entity_f1(entity_counts(said, true, labels=len(dataset.labels)))
    return {"entity_f1": score, **{name: round(value, 1) for name, value in spent.items()}, "machine": machine()}


def _legal(tags: np.ndarray) -> np.ndarray:
    """As seqeval reads them: what goes on without having begun begins."""
    found = tags.copy()
    for place, tag in enumerate(tags):
        before = found[place - 1] if place else 0
        if tag and tag % 2 == 0 and before not in (tag, tag - 1):
            found[place] = tag - 1
    return found


ARMS: dict[str, Callable[[str, int], dict[str, Any]]] = {
    "full": lambda data, seed: fitted("full", data, seed),
    "plain": lambda data, seed: plain(5e-5, data, seed),
    "plain 2e-4": lambda data, seed: plain(2e-4, data, seed),
    "auto": lambda data, seed: fitted("auto", data, seed),
}


def table() -> str:
    """A line a cell."""
    lines = ["| data | arm | seed | entity F1 | seconds | processor seconds |", "|---|---|---|---|---|---|"]
    for name, cell in CELLS.read().items():
        data, arm, seed = name.split("/")
        spent = f"{cell['seconds']:.0f} | {cell['processor_seconds']:.0f}"
        lines.append(f"| {data} | {arm} | {seed} | {100 * cell['entity_f1']:.1f} % | {spent} |")
    return "\n".join(lines)


def main() -> None:
    """Measure what is missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", action="store_true", help="only print what was measured")
    parser.add_argument("--data", choices=DATA, action="append", help="these data only")
    parser.add_argument("--arm", choices=[*ARMS], action="append", help="these arms only")
    parser.add_argument("--seeds", type=int, default=1, help="so many seeds")
    given = parser.parse_args()
    if not given.table:
        for seed in SEEDS[: given.seeds]:
            for data in given.data or DATA:
                for arm in given.arm or ARMS:
                    if f"{data}/{arm}/{seed}" not in CELLS.read():
                        CELLS.add(f"{data}/{arm}/{seed}", ARMS[arm](data, seed))
    print(table())


if __name__ == "__main__":
    main()
