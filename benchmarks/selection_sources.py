"""The candidates of the selection benchmark: ready ones, and two of poor sources in the form of the bundled network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.harness import WORK, needs_shared

Pictures = npt.NDArray[np.uint8]
BUNDLED = "starter/tiny-resnet"
LADDER = (
    "mobilenet_v1_0.25_128.imagenet",
    "mobilenet_v1_0.5_160.imagenet",
    "mobilenet_v1_0.75_224.imagenet",
    "mobilenet_v1_1.0_224.imagenet",
)
SHARED = (
    *LADDER,
    "mobilenetv2_100.imagenet",
    "mobilenetv2_100.inat_bird",
    "mobilenetv2_100.inat_insect",
    "squeezenet1_1.imagenet",
)
POOR = ("resnet-of-digits", "resnet-of-gratings")
CANDIDATES = (*SHARED, BUNDLED, *POOR)
SIDE = 32
GRATINGS = 2000


def located(name: str) -> str:
    """The id or folder that a candidate is loaded by; the two of poor sources are trained the first time."""
    if name == BUNDLED:
        return name
    return str(_trained(name) if name in POOR else needs_shared("models", name))


def _trained(name: str) -> Path:
    """The bundled network's architecture, trained for five epochs on other things than photos."""
    import headstart as hs

    folder = WORK / "sources" / name
    if not (folder / "pretraining.json").exists():
        data = digits() if name == "resnet-of-digits" else gratings()
        options = hs.PretrainOptions(
            architecture="resnet18",
            architecture_args={"channels": [24, 48, 112, 208], "stem_type": "deep", "stem_width": 12},
            image_size=SIDE,
            epochs=5,
            batch_size=32,
            data_name=name.removeprefix("resnet-of-"),
        )
        hs.pretrain(data, output=folder, options=options)
    return folder


def digits() -> tuple[Pictures, npt.NDArray[np.str_]]:
    """scikit-learn's digits, 1,797 pictures of 8 x 8 pixels."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return (found.images * 255 / 16).astype(np.uint8), found.target.astype(str)


def gratings() -> tuple[Pictures, npt.NDArray[np.str_]]:
    """Waves of four directions and four lengths with noise: sixteen classes, nothing that a photo shows."""
    random = np.random.default_rng(0)
    labels = np.arange(GRATINGS) % 16
    across, down = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    pictures = np.empty((GRATINGS, SIDE, SIDE, 3), np.uint8)
    for picture, label in zip(pictures, labels, strict=True):
        angle = np.pi * (label // 4) / 4 + random.normal(0, 0.1)
        length = 3 * 1.6 ** (label % 4) * np.exp(random.normal(0, 0.05))
        phase = 2 * np.pi * ((across * np.cos(angle) + down * np.sin(angle)) / length + random.random())
        wave = np.sin(phase)[..., None] * random.uniform(20, 80, 3) + random.uniform(80, 176, 3)
        picture[:] = np.clip(wave + random.normal(0, 30, picture.shape), 0, 255)
    return pictures, labels.astype(str)
