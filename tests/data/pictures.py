"""Small real pictures and data sets for the tests of readers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from headstart.core.dataset import Dataset
from headstart.core.ledger import Ledger


def picture_bytes(shade: int = 0, *, format: str = "PNG") -> bytes:
    """A picture of one colour, encoded."""
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), (shade % 256, shade // 256 % 256, 7)).save(buffer, format)
    return buffer.getvalue()


def write_pictures(root: Path, *names: str) -> None:
    """A different picture for each relative path."""
    for shade, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture_bytes(shade))


def names_of(dataset: Dataset) -> list[str]:
    return [dataset.inputs.name(index) for index in range(len(dataset))]


def labels_of(dataset: Dataset) -> list[str | tuple[str, ...]]:
    """What each item is called, as a person would say it."""
    if dataset.multi_label:
        return [tuple(dataset.labels[label] for label in np.flatnonzero(row)) for row in dataset.targets]
    return [dataset.labels[target] for target in dataset.targets]


def reasons(ledger: Ledger) -> dict[str, tuple[str, ...]]:
    """Items by the action and reason of their line."""
    return {f"{line.action}: {line.reason}": line.items for line in ledger.lines}


def items_of(ledger: Ledger, fragment: str) -> Sequence[str]:
    """The items of the one line whose action and reason contain the fragment."""
    found = [items for reason, items in reasons(ledger).items() if fragment in reason]
    assert len(found) == 1, f"{fragment!r} is in {len(found)} of {list(reasons(ledger))}"
    return found[0]
