"""Small pictures with boxes, in the layouts that people have."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from headstart.core.dataset import Dataset
from headstart.data import read_dataset
from headstart.data.looking import look_at

CLASSES = ("cat", "dog")


def write_picture(path: Path, size: tuple[int, int] = (40, 30), *, orientation: int = 1) -> None:
    """A picture of this width and height, as stored; which one depends on its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shades = np.random.default_rng(zlib.crc32(path.name.encode())).integers(0, 255, (size[1], size[0], 3), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(shades).save(path, exif=exif)


def coco(names: Sequence[str], boxes: Sequence[Mapping[str, Any]], **more: Any) -> dict[str, Any]:
    """COCO's content: boxes are records with `image` (a place in names), `bbox` and whatever else they say."""
    images = [{"id": 10 + place, "file_name": name, "width": 40, "height": 30} for place, name in enumerate(names)]
    annotations = [
        {"id": number, "category_id": 1, "iscrowd": 0, "image_id": 10 + box.get("image", 0)} | dict(box)
        for number, box in enumerate(boxes, 1)
    ]
    categories = [{"id": place, "name": name} for place, name in enumerate(CLASSES, 1)]
    return {"images": images, "annotations": annotations, "categories": categories} | more


def write_json(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def voc_xml(objects: Sequence[tuple[str, Sequence[float]]], size: tuple[int, int] = (40, 30), extra: str = "") -> str:
    """The content of one xml file."""
    described = "".join(
        f"<object><name>{name}</name>{extra}<bndbox>"
        + "".join(
            f"<{edge}>{value}</{edge}>" for edge, value in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
        )
        + "</bndbox></object>"
        for name, box in objects
    )
    width, height = size
    return f"<annotation><size><width>{width}</width><height>{height}</height></size>{described}</annotation>"


def write_text(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def loaded(source: Any) -> Dataset:
    """The data set as everything else gets it."""
    return look_at(read_dataset(source))[0]


def boxes_of(dataset: Dataset) -> dict[str, list[tuple[str, list[float]]]]:
    """Class and edges of each box by the picture's name."""
    return {
        dataset.inputs.name(index): [
            (dataset.labels[label], np.round(box, 3).tolist())
            for label, box in zip(target.labels, target.xyxy.astype(float), strict=True)
        ]
        for index, target in enumerate(dataset.targets)
    }
