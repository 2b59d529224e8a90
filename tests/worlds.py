"""A whole small world for the upper steps: pictures that can be told apart, and a tiny pretrained network on disk."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ("circle", "cross", "stripe")
SIDE = 32


def draw(kind: str, generator: np.random.Generator) -> Image.Image:
    """A noisy picture of one of the classes."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    shift = generator.integers(-4, 5, size=2)
    y, x = rows - SIDE / 2 + shift[0], columns - SIDE / 2 + shift[1]
    shape = {
        "circle": np.hypot(y, x) < 8,
        "cross": (np.abs(y) < 2) | (np.abs(x) < 2),
        "stripe": (rows + columns + int(shift[0])) % 8 < 4,
    }[kind]
    pixels = generator.normal(90, 25, (SIDE, SIDE, 3)) + 90 * shape[..., None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def write_world(root: Path, *, train: int = 12, test: int = 6, seed: int = 0) -> Path:
    """An image folder with `train` and `test` (left out where its count is 0) pictures a class."""
    generator = np.random.default_rng(seed)
    for part, count in (("train", train), ("test", test)):
        for kind in CLASSES:
            folder = root / part / kind if test else root / kind
            for number in range(count):
                folder.mkdir(parents=True, exist_ok=True)
                draw(kind, generator).save(folder / f"{part}-{number:03d}.png")
    return root


def write_network(folder: Path, *, name: str = "test_resnet", seed: int = 0) -> Path:
    """A tiny network with seeded weights in timm's local form, for 32-pixel pictures."""
    import timm
    import torch
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = timm.create_model(name, pretrained=False, num_classes=10)
    facts = {"input_size": [3, SIDE, SIDE], "mean": [0.5] * 3, "std": [0.5] * 3, "crop_pct": 1.0}
    config = {"architecture": name, "num_classes": 10, "pretrained_cfg": {**facts, "interpolation": "bilinear"}}
    (folder / "config.json").write_text(json.dumps(config))
    save_file(network.state_dict(), folder / "model.safetensors")
    return folder
