"""One look at every text: whether it can be used, how long it is, and what identifies it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from headstart.core.console import progress
from headstart.core.dataset import Dataset
from headstart.core.errors import DataError
from headstart.core.ledger import Event, Ledger
from headstart.data.text import Text, content_hash, encoding_name, joined, likeness_hash, text_of
from headstart.data.text_facts import ROW, TextFacts

STEP = 1024


def scan_texts(dataset: Dataset) -> tuple[Dataset, TextFacts]:
    """The data set of the texts that can be used, with `content` filled in, and what is known of each.

    Its ledger gains a line for every text that is left out or was not encoded as UTF-8, by reason.
    """
    rows = np.zeros(len(dataset), ROW)
    usable = np.zeros(len(dataset), np.bool_)
    skipped: list[Event] = []
    converted: list[Event] = []
    with progress(len(dataset), "looking at the texts", unit="texts") as bar:
        for index in range(len(dataset)):
            try:
                raw, text = _read(dataset, index)
            except DataError as error:
                skipped.append(("skipped", str(error), dataset.inputs.name(index)))
            else:
                usable[index] = True
                rows[index] = _row(raw, text)
                encoding = rows[index]["encoding"].decode()
                if encoding != "UTF-8":
                    converted.append(("converted", f"its bytes were read as {encoding}", dataset.inputs.name(index)))
            if index % STEP == STEP - 1:
                bar.advance(STEP)
    kept = np.flatnonzero(usable).astype(np.int64)
    left_out = Ledger.of(skipped)
    facts = TextFacts(rows[kept], left_out.lines)
    ledger = dataset.ledger + left_out + Ledger.of(converted)
    return replace(dataset.take(kept), content=facts.content, ledger=ledger), facts


def _read(dataset: Dataset, index: int) -> tuple[Any, Text]:
    try:
        raw = dataset.inputs.read(index)
    except OSError as error:
        raise DataError((error.strerror or str(error)).lower()) from error
    return raw, text_of(raw)


def _row(raw: Any, text: Text) -> np.void:
    row: np.void = np.zeros(1, ROW)[0]
    whole = joined(text)
    row["content"] = np.frombuffer(content_hash(text), np.uint8)
    row["likeness"] = np.frombuffer(likeness_hash(text), np.uint8)
    row["characters"], row["words"] = len(whole), len(whole.split())
    row["pair"], row["encoding"] = not isinstance(text, str), encoding_name(raw).encode()
    return row
