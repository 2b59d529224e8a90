"""Small training sets drawn from packed data: pictures a class by seed, and always the same test pictures."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.harness import WORK, needs_shared

TEST_ITEMS = 1000
Encoded = Callable[[int], bytes]


def drawn_folder(name: str, *, per_class: int, seed: int) -> Path:
    """`train` with `per_class` pictures a class, drawn by the seed from the data's training part; `test` with 1,000.

    The test pictures are drawn once, by seed 0, from the data's own test part: no draw ever trains on one.
    """
    folder = WORK / "draws" / f"{name}-{per_class}-{seed}"
    if (folder / "complete").exists():
        return folder / "data"
    shutil.rmtree(folder, ignore_errors=True)
    packed = np.load(needs_shared("data", name, f"{name}.npz"), allow_pickle=False)
    for part in ("train", "test"):
        labels, encoded = unpacked(packed, part)
        drawn = np.random.default_rng(seed if part == "train" else 0).permutation(len(labels))
        if part == "train":
            drawn = np.concatenate([drawn[labels[drawn] == label][:per_class] for label in np.unique(labels)])
        else:
            drawn = drawn[:TEST_ITEMS]
        for index in drawn:
            target = (
                folder / "data" / part / str(labels[index]) / f"{index:06d}.{'jpg' if name == 'cifar10' else 'png'}"
            )
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(encoded(int(index)))
    (folder / "complete").touch()
    return folder / "data"


def unpacked(packed: Any, part: str) -> tuple[npt.NDArray[Any], Encoded]:
    """The class names of a part's pictures, and how to get one of them as an encoded file."""
    from PIL import Image

    if f"{part}_bytes" in packed.files:
        offsets, raw = packed[f"{part}_offsets"], packed[f"{part}_bytes"].tobytes()
        names = np.array([str(packed["classes"][label]).split()[0] for label in packed[f"{part}_labels"]])
        return names, lambda index: raw[offsets[index] : offsets[index + 1]]
    pictures = packed[f"{part}_x"]

    def encoded(index: int) -> bytes:
        buffer = io.BytesIO()
        Image.fromarray(pictures[index]).save(buffer, "PNG")
        return buffer.getvalue()

    return np.array([str(label) for label in packed[f"{part}_y"]]), encoded
