"""Pictures and networks that the rows work on, made once from the real photos beside the repository."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from benchmarks.harness import WORK, needs_shared


def photo_files(count: int) -> list[Path]:
    """The first `count` training photos of flowers5, class by class in turns."""
    classes = [sorted(folder.glob("*.jpg")) for folder in sorted(needs_shared("data", "flowers5", "train").iterdir())]
    turns = [files[i] for i in range(max(map(len, classes))) for files in classes if i < len(files)]
    return turns[:count]


def photo_folder(count: int) -> Path:
    """A class folder of `count` real photos."""
    folder = WORK / f"photos{count}"
    if not folder.exists():
        for file in photo_files(count):
            target = folder / file.parent.name / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
    return folder


def large_photo_folder(count: int, *, size: tuple[int, int] = (4000, 3000)) -> Path:
    """A class folder of `count` different 12-megapixel JPEG photos, made by enlarging real ones (mirrored on reuse)."""
    from PIL import Image, ImageOps

    folder = WORK / f"large{count}"
    files = photo_files(749)
    for i in range(count):
        source = files[i % len(files)]
        target = folder / source.parent.name / f"{i:05d}.jpg"
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(source) as photo:
            photo = ImageOps.mirror(photo) if i >= len(files) else photo
            photo.resize(size, Image.Resampling.BICUBIC).save(target, quality=90)
    return folder


def resnet50_folder() -> Path:
    """A ResNet-50 with random weights in timm's local form: stands for a pulled one where only speed matters."""
    import timm
    from safetensors.torch import save_file

    folder = WORK / "resnet50"
    if not (folder / "model.safetensors").exists():
        folder.mkdir(parents=True, exist_ok=True)
        network = timm.create_model("resnet50", pretrained=False)
        (folder / "config.json").write_text(
            json.dumps({"architecture": "resnet50", "num_classes": 1000, "pretrained_cfg": network.pretrained_cfg})
        )
        save_file(network.state_dict(), folder / "model.safetensors")
    return folder
