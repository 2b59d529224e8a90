"""Keras 3 with torch under it: imported here and nowhere else, and left as the user has set it."""

from __future__ import annotations

import math
import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from headstart.core.errors import ModelError

BACKEND = "KERAS_BACKEND"


def library() -> ModuleType:
    """Keras, computing with torch. Raises `ModelError` where it is not installed or computes with something else."""
    if "keras" not in sys.modules:
        before = os.environ.get(BACKEND)
        os.environ[BACKEND] = "torch"  # it is read once, at the import
        try:
            import keras
        except ImportError as error:
            raise ModelError(
                "Models of Keras need Keras 3, which is not installed.",
                hint="Install it: pip install 'headstart[keras]'",
            ) from error
        finally:
            os.environ.pop(BACKEND)
            if before is not None:
                os.environ[BACKEND] = before
    import keras

    backend = keras.config.backend()
    if backend != "torch":
        raise ModelError(
            f"Keras was imported with the backend '{backend}' in this process; its models train here on torch only.",
            hint=f"Set {BACKEND}=torch before Keras is imported, or let Headstart import it first.",
        )
    found: ModuleType = keras
    return found


def hub_library() -> ModuleType:
    """KerasHub, on top of `library`. Raises `ModelError` where it is not installed."""
    library()
    try:
        import keras_hub
    except ImportError as error:
        raise ModelError(
            "Presets of KerasHub need KerasHub, which is not installed.",
            hint="Install it: pip install 'headstart[keras-hub]'",
        ) from error
    found: ModuleType = keras_hub
    return found


@contextmanager
def laid_out() -> Iterator[ModuleType]:
    """Keras for building networks: on the processor, channels last, in float32.

    Fresh weights follow torch's random numbers, and those of Python are left as they were.
    """
    import torch

    keras = library()
    order, policy, state = keras.config.image_data_format(), keras.config.dtype_policy(), random.getstate()
    random.seed(int(torch.randint(2**31, ()).item()))  # where Keras takes the seeds of initialisers from
    keras.config.set_image_data_format("channels_last")
    keras.config.set_dtype_policy("float32")
    try:
        with keras.device("cpu"):
            yield keras
    finally:
        keras.config.set_image_data_format(order)
        keras.config.set_dtype_policy(policy)
        random.setstate(state)


@contextmanager
def holding(most: int, *, model: str) -> Iterator[None]:
    """While it lasts, a network of more weights than its files can hold is given up with a `ModelError`.

    A description comes from outside, and may name layers that no machine has room for; that is told before one is made.
    """
    layer, held = library().layers.Layer, 0
    before = layer.add_weight

    def add_weight(self: Any, shape: Any = None, *given: Any, **named: Any) -> Any:
        nonlocal held
        held += math.prod(shape or ())
        if held > most:
            raise ValueError(f"{held:,} weights and more")
        return before(self, shape, *given, **named)

    layer.add_weight = add_weight
    try:
        yield
    except Exception as error:
        if held <= most:
            raise
        raise ModelError(
            f"{model} is described as a network of {held:,} weights or more, which its files cannot hold.",
            hint="Are its description and its weights of the same model?",
        ) from error
    finally:
        layer.add_weight = before
