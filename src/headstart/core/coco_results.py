"""Detections as COCO's evaluation server and pycocotools read them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from headstart.core.errors import DataError
from headstart.core.prediction import Prediction

SHOWN = 5


@dataclass(frozen=True)
class CocoIds:
    """The numbers that an annotation file has for its pictures, by their names in it, and for its categories."""

    pictures: Mapping[str, int] = field(default_factory=dict)
    categories: Mapping[str, int] = field(default_factory=dict)
    place: str = ""

    @classmethod
    def of(cls, items: Sequence[str], labels: Sequence[str]) -> CocoIds:
        """Where there is no such file: the numbers that all the pictures' names are, as in COCO's own, else places.

        Places of pictures and of labels count from 1.
        """
        stems = [PurePath(item).stem for item in items]
        numbered = all(stem.isascii() and stem.isdigit() for stem in stems) and len(set(map(int, stems))) == len(stems)
        numbers = map(int, stems) if numbered else range(1, len(items) + 1)
        return cls(dict(zip(items, numbers, strict=True)), {label: place for place, label in enumerate(labels, 1)})

    def picture(self, item: str) -> int | None:
        """The number of a picture by its path or by the end of it, which is what an annotation file has."""
        parts = PurePath(item).parts
        ends = ("/".join(parts[start:]) for start in range(len(parts)))
        return next((self.pictures[end] for end in (item, *ends) if end in self.pictures), None)

    def check(self, items: Sequence[str], labels: Sequence[str]) -> None:
        """Raise `DataError` with all pictures and labels that the file does not know."""
        unknown = [item for item in items if self.picture(item) is None]
        problems = [f"{self.place} has no picture {item}." for item in unknown[:SHOWN]]
        problems += [f"So it is with {len(unknown) - SHOWN} more pictures."] if len(unknown) > SHOWN else []
        problems += [f"{self.place} has no category '{label}'." for label in labels if label not in self.categories]
        if problems:
            raise DataError(
                problems, hint="Give the annotation file of these pictures, or none for numbers of our own."
            )


def coco_results(
    predictions: Sequence[Prediction], labels: Sequence[str], ids: CocoIds | None = None
) -> list[dict[str, Any]]:
    """A record for each detection: `image_id`, `category_id`, `bbox` as left, top, width and height, `score`.

    The numbers are those of `ids`; `file_name` and `category` say what they stand for. Raises `DataError` for pictures
    and labels without one.
    """
    items = [prediction.item for prediction in predictions]
    known = ids or CocoIds.of(items, labels)
    known.check(items, labels)
    return [
        {
            "image_id": known.picture(prediction.item),
            "file_name": prediction.item,
            "category_id": known.categories[str(finding["label"])],
            "category": finding["label"],
            "bbox": _box(finding),
            "score": round(float(finding["score"]), 6),
        }
        for prediction in predictions
        for finding in prediction.findings
    ]


def coco_text(predictions: Sequence[Prediction], labels: Sequence[str], ids: CocoIds | None = None) -> str:
    """The records as JSON, one a line."""
    return "[\n" + ",\n".join(map(json.dumps, coco_results(predictions, labels, ids))) + "\n]"


def _box(finding: Mapping[str, Any]) -> list[float]:
    left, top, right, bottom = (float(finding[edge]) for edge in ("left", "top", "right", "bottom"))
    return [round(edge, 3) for edge in (left, top, right - left, bottom - top)]
