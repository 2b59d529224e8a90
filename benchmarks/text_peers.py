"""What one would do without this project: a bag of words, and a plain run of the `Trainer` of transformers."""

from __future__ import annotations

import csv
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import machine

LENGTH = 512
Rows = list[dict[str, str]]


def parts_of(folder: Path) -> tuple[Rows, Rows]:
    """Rows to learn from and to measure on."""
    train, test = (list(csv.DictReader((folder / name).open(encoding="utf-8"))) for name in ("train.csv", "test.csv"))
    return train, test


def spent(started: float, worked: float) -> dict[str, Any]:
    """Seconds since then, by the clock and of the processor."""
    seconds = {"seconds": time.perf_counter() - started, "processor_seconds": time.process_time() - worked}
    return {**{name: round(value, 1) for name, value in seconds.items()}, "machine": machine()}


def bag_of_words(folder: Path) -> dict[str, Any]:
    """TF-IDF of words and pairs of words, and a logistic regression whose strength is cross-validated."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.pipeline import make_pipeline

    train, test = parts_of(folder)
    started, worked = time.perf_counter(), time.process_time()
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    classifier = make_pipeline(words, LogisticRegressionCV(Cs=np.logspace(-2, 4, 13), cv=5, max_iter=2000))
    classifier.fit([row["text"] for row in train], [row["label"] for row in train])
    right = [
        said == row["label"] for said, row in zip(classifier.predict([r["text"] for r in test]), test, strict=True)
    ]
    return {"accuracy": float(np.mean(right)), "right": bits(right), **spent(started, worked)}


def trainer(folder: Path, seed: int) -> dict[str, Any]:
    """The defaults of `TrainingArguments`: three epochs, batches of 8, a rate of 5e-5 that falls; texts are cut."""
    import torch
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
    )

    from headstart.models.bundled_texts import text_starter_folder

    train, test = parts_of(folder)
    encoder = str(text_starter_folder("minilm-l6"))
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    names = sorted({row["label"] for row in train})

    def encoded(rows: Rows) -> list[dict[str, Any]]:
        found = tokenizer([row["text"] for row in rows], truncation=True, max_length=LENGTH)
        return [
            {**{key: found[key][place] for key in found}, "labels": names.index(row["label"])}
            for place, row in enumerate(rows)
        ]

    started, worked = time.perf_counter(), time.process_time()
    torch.manual_seed(seed)
    with tempfile.TemporaryDirectory() as place:
        network = AutoModelForSequenceClassification.from_pretrained(
            encoder, num_labels=len(names), dtype=torch.float32
        )
        arguments = TrainingArguments(
            output_dir=place,
            seed=seed,
            report_to=[],
            save_strategy="no",
            disable_tqdm=True,
            use_cpu=not torch.cuda.is_available(),
        )
        run = Trainer(
            model=network,
            args=arguments,
            train_dataset=encoded(train),
            data_collator=DataCollatorWithPadding(tokenizer),
        )
        run.train()
        training = spent(started, worked)
        said = run.predict(encoded(test)).predictions.argmax(1)
    right = [names[label] == row["label"] for label, row in zip(said, test, strict=True)]
    return {
        "accuracy": float(np.mean(right)),
        "right": bits(right),
        "training_seconds": training["seconds"],
        **spent(started, worked),
    }


def bits(right: list[bool]) -> str:
    """Which of the texts were right, for differences in pairs."""
    return np.packbits(np.array(right, bool)).tobytes().hex()
