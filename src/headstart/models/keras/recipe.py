"""What is known of the networks of `keras.applications`, and how their pictures are prepared."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

from headstart.core.card import InputFacts
from headstart.core.errors import ModelError, did_you_mean
from headstart.core.runtime import offline
from headstart.models.foreign_errors import in_short
from headstart.models.keras.library import laid_out, library

SIDES = {
    **dict.fromkeys(
        (
            *(f"ConvNeXt{size}" for size in ("Tiny", "Small", "Base", "Large", "XLarge")),
            *(f"DenseNet{depth}" for depth in (121, 169, 201)),
            *("MobileNet", "MobileNetV2", "MobileNetV3Small", "MobileNetV3Large", "NASNetMobile"),
            *(f"ResNet{depth}{version}" for version in ("", "V2") for depth in (50, 101, 152)),
            *("VGG16", "VGG19", "EfficientNetB0", "EfficientNetV2B0"),
        ),
        224,
    ),
    **{f"EfficientNetB{step}": side for step, side in enumerate((240, 260, 300, 380, 456, 528, 600), start=1)},
    **{f"EfficientNetV2B{step}": side for step, side in enumerate((240, 260, 300), start=1)},
    "EfficientNetV2S": 384,
    "EfficientNetV2M": 480,
    "EfficientNetV2L": 480,
    "InceptionV3": 299,
    "InceptionResNetV2": 299,
    "Xception": 299,
    "NASNetLarge": 331,
}
"""Pixels of a side, by name: known without importing Keras; a test holds them against it."""
FORM = "Ids are keras/NAME of keras.applications, keras/NAME:FILE with weights of it, or the path of a .keras file."
RAW = InputFacts(mean=(0.0,) * 3, std=(1 / 255,) * 3)
"""Values of 0..255, which a network prepares itself."""
UNIT = InputFacts(mean=(0.0,) * 3, std=(1.0,) * 3)


class Preparation(NamedTuple):
    """Input facts, and whether the network takes blue first."""

    facts: InputFacts
    reversed: bool


def check_name(name: str) -> None:
    """Raise `ModelError` for a name that `keras.applications` does not have."""
    if name not in SIDES:
        raise ModelError(f"keras.applications has no '{name}'.{did_you_mean(name, SIDES)}", hint=FORM)


def create(name: str, *, weights: str | None, may_ask: bool = False) -> Any:
    """A classifier of `keras.applications`; `weights` is None, `imagenet` or a file. Raises `ModelError`."""
    with laid_out() as keras, _fetching(allowed=may_ask and not offline(), model=f"keras/{name}"):
        try:
            return getattr(keras.applications, name)(weights=weights)
        except ModelError:
            raise
        except Exception as error:
            what = f"keras/{name}" + (f" with the weights of {weights}" if weights not in (None, "imagenet") else "")
            raise ModelError(f"Keras could not build {what}: {in_short(error)}.") from error


def preparation(name: str) -> Preparation:
    """How `preprocess_input` of an application changes values of 0..255: by an affine map, looked at where it maps."""
    keras = library()
    prepare = sys.modules[getattr(keras.applications, name).__module__].preprocess_input
    zero = np.zeros((1, 1, 1, 3), np.float32)
    shift = np.asarray(prepare(zero.copy(), data_format="channels_last")).reshape(3).astype(np.float64)
    unit = 255 * np.eye(3, dtype=np.float32).reshape(3, 1, 1, 1, 3)
    mapped = np.stack([np.asarray(prepare(row.copy(), data_format="channels_last")).reshape(3) for row in unit])
    matrix = mapped.astype(np.float64) - shift
    reversed_ = bool(abs(matrix[0, 2]) > abs(matrix[0, 0]))
    if reversed_:
        matrix, shift = matrix[:, ::-1], shift[::-1]
    scale = np.diag(matrix)
    if np.abs(matrix - np.diag(scale)).max() > 1e-3 * np.abs(scale).max() or scale.min() <= 0:
        raise ModelError(f"keras/{name} prepares pictures in a way that Headstart does not do.")
    mean, std = -shift / scale, 1 / scale
    facts = InputFacts(size=(SIDES[name],) * 2, mean=_rounded(mean), std=_rounded(std))
    return Preparation(facts, reversed_)


def _rounded(values: Any) -> tuple[float, ...]:
    return tuple(float(f"{value + 0.0:.7g}") for value in values)


def cached_weights(name: str) -> Path | None:
    """The file with the weights of an application, classifier included, in the cache of Keras; it is not opened."""
    folder = Path(os.environ.get("KERAS_HOME") or Path("~/.keras").expanduser()) / "models"
    known = sorted(SIDES, key=len, reverse=True)
    for file in sorted(folder.glob("*.h5")):
        plain = _plain(file.name)
        if "notop" not in plain and next((each for each in known if _plain(each) in plain), None) == name:
            return file
    return None


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


@contextmanager
def _fetching(*, allowed: bool, model: str) -> Iterator[None]:
    """Unless it is allowed, Keras takes weights out of its cache only."""
    from keras.src.utils import file_utils

    def take(fname: str = "", *_: Any, cache_subdir: str = "models", **__: Any) -> str:
        folder = Path(os.environ.get("KERAS_HOME") or Path("~/.keras").expanduser()) / cache_subdir
        if not (folder / fname).is_file():
            raise ModelError(
                f"{model} cannot be had: the network may not be used, and {folder / fname} is not there.",
                hint=f"On a machine with internet run: headstart models pull {model}\nThen copy {fname} from "
                f"~/.keras/{cache_subdir} there to {folder}; {model}:FILE takes a file from anywhere.",
            )
        return str(folder / fname)

    if allowed:
        yield
        return
    with mock.patch.object(file_utils, "get_file", take):
        yield
