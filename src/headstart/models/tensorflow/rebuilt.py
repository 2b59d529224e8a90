"""A SavedModel that Keras 2 wrote, built again of layers, and held against what TensorFlow says of pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from headstart.core.card import InputFacts
from headstart.core.errors import ModelError
from headstart.models.foreign_errors import in_short
from headstart.models.keras.graph import OWN_PREPARATION
from headstart.models.keras.legacy import NotRebuiltError, built, give_weights, saved_layers
from headstart.models.keras.library import holding, library
from headstart.models.tensorflow.process import Process

TOLERANCE = 1e-4
"""Of the largest number that TensorFlow says: how far the network may be from it."""
RANGES = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))
"""Values of the random pictures: one of these is what the network was made for."""
PATCHES = 4
"""Patches of one colour along a side of a picture: to a network, pictures of noise alone all look alike."""
OTHERS = 10_000
"""Counters, and states of random number generators, which are no learnt weights."""
TELLING = 10
"""How many times the tolerance what is said of pictures has to differ between them."""


class Rebuilt(NamedTuple):
    """A network of Keras 3, or the reason why there is none, as the end of a sentence.

    `raw` says that its description begins with what scales values of 0..255.
    """

    network: Any
    reason: str = ""
    raw: bool = False


def rebuilt(run: Process, facts: InputFacts) -> Rebuilt:
    """The network that a SavedModel was saved from, for pictures of a size that it takes."""
    raw = False
    try:
        message, values = run.layers()
        if values is None:
            return Rebuilt(None, str(message["reason"]))
        raw = begins_with_scaling(message["config"])
        with holding(values.size + OTHERS, model="it"):
            network = built(str(message["kind"]), message["config"])
        give_weights(network, saved_layers(message["layers"], values))
        check_agreement(network, run, facts)
    except NotRebuiltError as error:
        return Rebuilt(None, str(error), raw)
    except ModelError as error:  # Keras is not installed, or not on torch in this process
        return Rebuilt(None, " ".join(error.problems).rstrip("."), raw)
    return Rebuilt(network, raw=raw)


def begins_with_scaling(config: Mapping[str, Any]) -> bool:
    """Whether the first layer after the input scales values of 0..255."""
    kinds = [each.get("class_name") for each in config["layers"] if isinstance(each, dict)]
    return next((kind for kind in kinds if kind != "InputLayer"), None) in OWN_PREPARATION


def check_agreement(network: Any, run: Process, facts: InputFacts) -> None:
    """Raise `NotRebuiltError` where a network and TensorFlow do not say the same of random pictures.

    That they do proves nothing where TensorFlow says the same of every picture: that is an error, too.
    """
    random, said = np.random.default_rng(0), []
    for low, high in RANGES:
        pictures = _pictures(random, facts, low, high)
        theirs = run(pictures)
        try:
            ours = _said(network, pictures)
        except Exception as error:
            raise NotRebuiltError(f"Keras 3 cannot run it: {in_short(error)}") from error
        if ours.shape != theirs.shape:
            raise NotRebuiltError(f"built again it gives {ours.shape[1:]} numbers a picture, not {theirs.shape[1:]}")
        largest, apart = float(np.abs(theirs).max()), float(np.abs(ours - theirs).max())
        if not apart <= TOLERANCE * largest:
            raise NotRebuiltError(
                f"built again it does not say what TensorFlow says of pictures of {low:g}..{high:g}: they are up to "
                f"{apart:.2g} apart, of numbers up to {largest:.2g}"
            )
        said.append(theirs)
    every = np.concatenate(said)
    if not float(np.ptp(every, axis=0).max()) > TELLING * TOLERANCE * float(np.abs(every).max()):
        raise NotRebuiltError("it says the same of every random picture, so that nothing can be held against it")


def _pictures(random: np.random.Generator, facts: InputFacts, low: float, high: float) -> npt.NDArray[np.float32]:
    """One picture of noise and one of patches."""
    height, width = facts.size
    noise = random.uniform(low, high, (height, width, facts.channels))
    patches = random.uniform(low, high, (PATCHES, PATCHES, facts.channels))
    rows, columns = (np.arange(side) * PATCHES // side for side in (height, width))
    return np.stack([noise, patches[rows][:, columns]]).astype(np.float32)


def _said(network: Any, pictures: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """What a network says of pictures (N, H, W, C), as the process of TensorFlow gives it: maps averaged."""
    import torch

    with torch.no_grad(), library().device("cpu"):
        found = network(torch.from_numpy(pictures), training=False)
    made: npt.NDArray[np.float32] = found.numpy().astype(np.float32)
    return made.mean((1, 2)) if made.ndim == 4 else made
