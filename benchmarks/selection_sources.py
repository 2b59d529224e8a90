"""Candidates of benchmarks: ready ones, and some of poor sources in the form of the bundled network, made here."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
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
SIDE = 32
DRAWN, LEARNT_BY_HEART = 2000, 500


def located(name: str) -> str:
    """The id or folder that a candidate is loaded by; those of poor sources are made the first time."""
    if name == BUNDLED:
        return name
    if name == SHAM:
        return str(_untrained())
    return str(_trained(name) if name in MADE else needs_shared("models", name))


def _trained(name: str) -> Path:
    """The bundled network's architecture, trained for some epochs on other things than labelled photos."""
    import headstart as hs

    folder = WORK / "sources" / name
    if not (folder / "pretraining.json").exists():
        data, epochs = MADE[name]
        by_heart = name == "resnet-of-permuted-labels"
        options = hs.PretrainOptions(
            architecture="resnet18",
            architecture_args=SHAPE,
            image_size=SIDE,
            epochs=epochs,
            batch_size=32,
            learning_rate=0.02 if by_heart else 0.1,
            augmentation="none" if by_heart else "crop",
            data_name=name.removeprefix("resnet-of-"),
        )
        hs.pretrain(data(), output=folder, options=options)
    return folder


def _untrained() -> Path:
    """Fresh weights of that architecture, in a folder that looks like a pretrained one."""
    import timm
    import torch
    from safetensors.torch import save_file

    folder = WORK / "sources" / SHAM
    if not (folder / "model.safetensors").exists():
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(12345)
        network = timm.create_model("resnet18", pretrained=False, **SHAPE)
        facts = {"architecture": "resnet18", "num_classes": 1000, "model_args": SHAPE}
        shape = {**network.pretrained_cfg, "input_size": [3, SIDE, SIDE], "pool_size": [1, 1]}
        (folder / "config.json").write_text(json.dumps({**facts, "pretrained_cfg": shape}))
        save_file(network.state_dict(), folder / "model.safetensors")
    return folder


def digits() -> tuple[Pictures, npt.NDArray[np.str_]]:
    """scikit-learn's digits, 1,797 pictures of 8 x 8 pixels."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return (found.images * 255 / 16).astype(np.uint8), found.target.astype(str)


def permuted() -> tuple[Pictures, npt.NDArray[np.str_]]:
    """Real photos of ten classes whose labels are dealt out anew, so that they say nothing of what is to be seen."""
    from benchmarks.draws import unpacked

    names, encoded = unpacked(np.load(needs_shared("data", "cifar10", "cifar10.npz"), allow_pickle=False), "train")
    random = np.random.default_rng(0)
    drawn = random.permutation(len(names))[-LEARNT_BY_HEART:]
    pictures = np.stack([decoded(encoded(int(place))) for place in drawn])
    return pictures, random.permutation(names[drawn])


def decoded(photo: bytes) -> Pictures:
    """(height, width, 3) of an encoded picture."""
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(photo)).convert("RGB"))


def noise() -> tuple[Pictures, npt.NDArray[np.str_]]:
    """Noise of ten spectra, from white to 1 / f^2 in amplitude, with other colours in every picture."""
    random = np.random.default_rng(0)
    labels = np.arange(DRAWN) % 10
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(SIDE), np.fft.rfftfreq(SIDE), indexing="ij"))
    frequency[0, 0] = 1 / SIDE
    pictures = np.empty((DRAWN, SIDE, SIDE, 3), np.uint8)
    for picture, label in zip(pictures, labels, strict=True):
        white = np.fft.rfft2(random.normal(0, 1, (3, SIDE, SIDE)))
        wave = np.fft.irfft2(white / frequency ** (2 * label / 9), s=(SIDE, SIDE)).transpose(1, 2, 0)
        wave = (wave / wave.std()) @ random.normal(0, 25, (3, 3)) + random.uniform(96, 160, 3)
        picture[:] = np.clip(wave, 0, 255)
    return pictures, labels.astype(str)


def gratings() -> tuple[Pictures, npt.NDArray[np.str_]]:
    """Waves of four directions and four lengths with noise: sixteen classes, nothing that a photo shows."""
    random = np.random.default_rng(0)
    labels = np.arange(DRAWN) % 16
    across, down = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    pictures = np.empty((DRAWN, SIDE, SIDE, 3), np.uint8)
    for picture, label in zip(pictures, labels, strict=True):
        angle = np.pi * (label // 4) / 4 + random.normal(0, 0.1)
        length = 3 * 1.6 ** (label % 4) * np.exp(random.normal(0, 0.05))
        phase = 2 * np.pi * ((across * np.cos(angle) + down * np.sin(angle)) / length + random.random())
        wave = np.sin(phase)[..., None] * random.uniform(20, 80, 3) + random.uniform(80, 176, 3)
        picture[:] = np.clip(wave + random.normal(0, 30, picture.shape), 0, 255)
    return pictures, labels.astype(str)


SHAPE = {"channels": [24, 48, 112, 208], "stem_type": "deep", "stem_width": 12}
SHAM = "resnet-of-nothing"
MADE: dict[str, tuple[Callable[[], tuple[Pictures, npt.NDArray[np.str_]]], int]] = {
    "resnet-of-digits": (digits, 5),
    "resnet-of-gratings": (gratings, 5),
    "resnet-of-noise": (noise, 20),
    "resnet-of-permuted-labels": (permuted, 60),
}
"""Data and epochs."""
CANDIDATES = (*SHARED, BUNDLED, "resnet-of-digits", "resnet-of-gratings")
"""Of the selection benchmark."""
