"""Data sets of the `datasets` library for the tests of its readers."""

from __future__ import annotations

from typing import Any

import datasets

from tests.data.pictures import picture_bytes

CLASSES = datasets.ClassLabel(names=["zebra", "ant"])


def picture_rows(labels: list[Any], feature: Any = CLASSES, **more: list[str]) -> Any:
    """A data set of one picture for each label."""
    features = datasets.Features(
        {"image": datasets.Image(), "label": feature, **{name: datasets.Value("string") for name in more}}
    )
    images = [{"bytes": picture_bytes(shade), "path": None} for shade in range(len(labels))]
    return datasets.Dataset.from_dict({"image": images, "label": labels, **more}, features=features)
