"""How `starter/zh-char` is made: `python -m benchmarks.chinese_pretraining FOLDER`; given again, it goes on.

A small encoder learns to fill in the characters that are left out of reviews of seven kinds of goods. The three kinds
that hold texts of ChnSentiCorp, which the encoder is measured on, are left out; so is any text that is one of its.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterable
from pathlib import Path

import headstart as hs
from benchmarks.harness import SHARED

SOURCE, MEASURED_ON = "online_shopping_zh", "chnsenticorp_zh"
LEFT_OUT = frozenset({"书籍", "计算机", "酒店"})
"""Books, computers and hotels."""
OPTIONS = hs.PretrainOptions(
    objective="masked-language-model",
    architecture="modernbert",
    window=128,
    masked_share=0.3,
    vocabulary=4500,
    epochs=5,
    batch_size=8,
    learning_rate=3e-3,
    held_out=0.02,
    data_name="online_shopping_10_cats without books, computers and hotels",
    licence="Apache-2.0",
    device="cpu",
)


def normalised(text: str) -> str:
    """A text without its spaces: what is the same but for them counts as the same."""
    return "".join(text.split())


def texts(data: Path) -> list[str]:
    """The texts to learn from, each once."""
    measured = {
        normalised(row["text"]) for part in ("train", "validation") for row in _rows(data / MEASURED_ON / f"{part}.csv")
    }
    kept = (row["text"] for row in _rows(data / SOURCE / "reviews.csv") if row["domain"] not in LEFT_OUT)
    found = {normalised(text): text for text in kept}
    return [text for key, text in found.items() if key and key not in measured]


def _rows(path: Path) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _written(data: Path, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts(data))
    path.write_text("".join(lines), encoding="utf-8")
    return path


def main() -> None:
    """Make it, or go on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="for the texts and the model")
    parser.add_argument("--data", type=Path, default=SHARED / "data", help="the folder of the data sets")
    parser.add_argument("--max-minutes", type=float, help="end early, and save what has been learnt")
    asked = parser.parse_args()
    table = asked.folder / "online_shopping_zh.jsonl"
    source = table if table.exists() else _written(asked.data, table)
    options = OPTIONS.model_copy(update={"max_minutes": asked.max_minutes})
    record = hs.pretrain(source, output=asked.folder / "zh-char", options=options, resume=True)
    print(record.model_dump_json(indent=2))


if __name__ == "__main__":
    main()
