"""Scenes as files that people have: pictures with their boxes in COCO's json, a folder for each part."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from headstart.data.coco import ROBOFLOW
from headstart.data.scenes import LABELS, Scene


def write_coco(folder: Path, parts: Mapping[str, Sequence[Scene]]) -> Path:
    """Write `FOLDER/PART/NUMBER.png` and a json file beside them, for parts such as `train` and `test`."""
    from PIL import Image

    for word, scenes in parts.items():
        place = folder / word
        place.mkdir(parents=True, exist_ok=True)
        images: list[dict[str, Any]] = []
        annotations: list[dict[str, Any]] = []
        for number, scene in enumerate(scenes, 1):
            name = f"{number:03d}.png"
            Image.fromarray(scene.picture).save(place / name)
            high, wide = scene.picture.shape[:2]
            images.append({"id": number, "file_name": name, "width": wide, "height": high})
            for (left, top, right, bottom), label in zip(scene.boxes.xyxy.tolist(), scene.boxes.labels, strict=True):
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "image_id": number,
                        "category_id": int(label) + 1,
                        "bbox": [left, top, right - left, bottom - top],
                        "area": (right - left) * (bottom - top),
                        "iscrowd": 0,
                    }
                )
        categories = [{"id": place, "name": label} for place, label in enumerate(LABELS, 1)]
        content = {"images": images, "annotations": annotations, "categories": categories}
        (place / ROBOFLOW).write_text(json.dumps(content))
    return folder
