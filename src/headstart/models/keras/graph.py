"""A graph of Keras layers, cut off after its pooled features."""

from __future__ import annotations

import copy
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from headstart.core.errors import ModelError, did_you_mean
from headstart.models.foreign_errors import in_short
from headstart.models.keras.library import holding, hub_library, laid_out, library
from headstart.models.networks.tracing import HINT, Place

AFTERWARDS = ("Activation", "Softmax", "Flatten", "Reshape", "Dropout")
"""Layers between a classifier and the output of a network that do no more than change its form."""
_HUB = '"keras_hub>'
OWN_PREPARATION = ("Rescaling", "Normalization")
_BLOCK = re.compile(
    r"(.*?stage_\d+_block_\d+|conv\d+_block\d+|expanded_conv(?:_\d+)?|.*?block_?\d+[a-z]?)(?=_|$)", re.IGNORECASE
)


class Cut(NamedTuple):
    """The part of a graph up to the features, the layer that classified them (None: not known), and the place."""

    body: Any
    classifier: Any
    place: Place


def read(file: Path) -> Any:
    """The model of a `.keras` file, which may hold no code. Raises `ModelError`."""
    with laid_out() as keras, holding(file.stat().st_size, model=str(file)):
        try:
            return keras.saving.load_model(file, compile=False, safe_mode=True)
        except Exception as error:
            raise ModelError(
                f"{file} cannot be read as a model of Keras: {in_short(error)}.",
                hint="It has to be in the format of Keras 3 (model.save('x.keras')), of Keras' own layers, and without "
                "Lambda layers, which are code: that Headstart never runs out of a file.",
            ) from error


def rebuilt(config: dict[str, Any], *, model: str) -> Any:
    """A model from its saved description, freshly initialised. Raises `ModelError`."""
    if _HUB in json.dumps(config):
        hub_library()  # its layers are known by name once it is imported
    with laid_out() as keras:
        try:
            found = keras.saving.deserialize_keras_object(copy.deepcopy(config), safe_mode=True)
        except Exception as error:
            raise ModelError(f"The description of {model} is not one of Keras: {in_short(error)}.") from error
    if not isinstance(found, keras.Model):
        raise ModelError(f"The description of {model} is that of a {type(found).__name__}, not of a model of Keras.")
    return found


def described(body: Any) -> dict[str, Any]:
    """What `rebuilt` takes: plain JSON."""
    keras = library()
    with _without_tensorflow():
        found: dict[str, Any] = json.loads(json.dumps(keras.saving.serialize_keras_object(body)))
    return found


@contextmanager
def _without_tensorflow() -> Iterator[None]:
    """Keras does not import TensorFlow, for many seconds, to find out whether a part of a graph on torch is from it."""
    from keras.src.utils.module_utils import tensorflow

    if "tensorflow" in sys.modules or "_available" not in vars(tensorflow):
        yield
        return
    with mock.patch.object(tensorflow, "_available", False):
        yield


def cut(network: Any, *, model: str, place: Place | None = None) -> Cut:
    """Cut a graph off after its features. Raises `ModelError` where the place cannot be told, or there is none."""
    outputs = getattr(network, "outputs", None)
    if not outputs or len(getattr(network, "inputs", None) or ()) != 1:
        raise ModelError(
            f"{model} is not a graph from one input to an output, but a {type(network).__name__} with code of its own.",
            hint="A functional or sequential model of Keras can be used.",
        )
    output, classifier = outputs[0], None
    if place is None and len(outputs) > 1:
        raise ModelError(f"{model} has {len(outputs)} outputs: it cannot be told where its features are.", hint=HINT)
    if place is None:
        output, classifier = _found(output)
        place = Place("before", classifier.name) if classifier is not None else Place("output")
    elif place.side != "output":
        output, classifier = _named(network, place, model)
    if len(output.shape) not in (2, 4):
        raise ModelError(
            f"What {model} has at {place.text} is {_form(output)}, neither features nor maps.",
            hint=HINT,
        )
    with laid_out() as keras:
        body = keras.Model(network.inputs, output)
        body.trainable = True
    for layer in leaves(body):
        if layer.dtype_policy.compute_dtype != "float32":
            layer.dtype_policy = "float32"
    return Cut(body, classifier, place)


def _found(output: Any) -> tuple[Any, Any]:
    """The features, and the layer that classifies them; the output itself where none does."""
    tensor = output
    while type(_layer_of(tensor)).__name__ in AFTERWARDS:
        tensor = _input_of(tensor)
    layer = _layer_of(tensor)
    before = _input_of(tensor)
    if type(layer).__name__ == "Dense" and len(before.shape) == 2:
        return _without_dropout(before), layer
    if type(layer).__name__ == "Conv2D" and set(layer.kernel_size) == {1} and _is_one_position(before, layer):
        return _without_dropout(before), layer
    return _without_dropout(output), None


def _is_one_position(tensor: Any, layer: Any) -> bool:
    height, width = tensor.shape[1:3] if layer.data_format == "channels_last" else tensor.shape[2:4]
    return bool(height == width == 1)


def _named(network: Any, place: Place, model: str) -> tuple[Any, Any]:
    names = [layer.name for layer in network.layers]
    if place.layer not in names:
        raise ModelError(f"{model} has no layer '{place.layer}'.{did_you_mean(place.layer, names)}", hint=HINT)
    layer = network.get_layer(place.layer)
    try:
        tensor = layer.input if place.side == "before" else layer.output
    except (AttributeError, ValueError) as error:
        raise ModelError(f"The layer '{place.layer}' of {model} is used more than once.", hint=HINT) from error
    if not hasattr(tensor, "shape"):
        raise ModelError(f"The layer '{place.layer}' of {model} has several of them.", hint=HINT)
    return tensor, layer if place.side == "before" and _found(network.outputs[0])[1] is layer else None


def _without_dropout(tensor: Any) -> Any:
    while type(_layer_of(tensor)).__name__ == "Dropout":
        tensor = _input_of(tensor)
    return tensor


def _layer_of(tensor: Any) -> Any:
    return tensor._keras_history.operation


def _input_of(tensor: Any) -> Any:
    history = tensor._keras_history
    inputs = history.operation._inbound_nodes[history.node_index].input_tensors
    return inputs[0] if inputs else tensor


def _form(tensor: Any) -> str:
    return "(" + ", ".join(["N", *map(str, tensor.shape[1:])]) + ")"


def leaves(body: Any) -> Iterator[Any]:
    """The layers of a graph from its input to its output, those of graphs inside it in their place."""
    for layer in body.layers:
        if hasattr(layer, "layers"):
            yield from leaves(layer)
        else:
            yield layer


def prepares_itself(body: Any) -> bool:
    """Whether what happens to a picture first is that its values of 0..255 are scaled."""
    kinds = [type(layer).__name__ for layer in leaves(body) if type(layer).__name__ != "InputLayer"]
    return bool(kinds) and kinds[0] in OWN_PREPARATION


def blocks(names: list[tuple[str, bool]]) -> list[int]:
    """The number of the block that each layer is in; `names` are those of layers, and whether each normalises.

    A block is what the names say that it is; outside those a normalisation goes with the layer before it.
    """
    found: list[int] = []
    last = ""
    for name, normalises in names:
        match = _BLOCK.match(name)
        key = match[1] if match else name
        fresh = key != last and not (normalises and match is None and found)
        found.append((found[-1] if found else -1) + (1 if fresh or not found else 0))
        last = key if fresh or match else last
    return found
