"""Runs a SavedModel of TensorFlow in a process of its own: pictures come in at standard input, features go out.

Asked without a picture, it says what Keras 2 wrote of its layers. This file is run by its path and imports nothing of
Headstart. A message is a line of JSON, and where it says that there are `bytes`, an array in numpy's format after it,
which is read without unpickling.
"""

from __future__ import annotations

import io
import json
import os
import sys
from importlib import import_module
from typing import Any, BinaryIO

import numpy as np

FORBIDDEN = ("ReadFile", "WriteFile", "MatchingFiles", "PyFunc", "PyFuncStateless", "EagerPyFunc", "LoadLibrary")
"""Operations of a graph that touch files or run code; a network has no use for them."""
NAMES = ("default", "feature_vector", "embedding", "features", "output_0")


def send(stream: BinaryIO, message: dict[str, Any], array: np.ndarray | None = None) -> None:
    """Write a message, and an array after it."""
    memory = io.BytesIO()
    if array is not None:
        np.save(memory, array, allow_pickle=False)
    head = json.dumps({**message, "bytes": memory.tell()}).encode()
    stream.write(head + b"\n" + memory.getvalue())
    stream.flush()


def receive(stream: BinaryIO) -> tuple[dict[str, Any], np.ndarray | None]:
    """Read a message, and the array after it. Raises `EOFError` where the other side has gone."""
    line = stream.readline()
    if not line:
        raise EOFError("the other process has ended")
    message: dict[str, Any] = json.loads(line)
    content = stream.read(message["bytes"]) if message["bytes"] else b""
    return message, np.load(io.BytesIO(content), allow_pickle=False) if content else None


def check_operations(folder: str) -> None:
    """Raise `ValueError` for a graph that reads or writes files, or runs Python, before it is loaded."""
    from tensorflow.core.protobuf import saved_model_pb2

    content = saved_model_pb2.SavedModel()
    with open(os.path.join(folder, "saved_model.pb"), "rb") as stream:  # noqa: PTH118, PTH123
        content.ParseFromString(stream.read())
    found = set()
    for graph in content.meta_graphs:
        found |= {node.op for node in graph.graph_def.node}
        found |= {node.op for function in graph.graph_def.library.function for node in function.node_def}
    forbidden = sorted(found.intersection(FORBIDDEN))
    if forbidden:
        raise ValueError(f"its graph has the operations {', '.join(forbidden)}, which touch files or run code")


class Model:
    """A SavedModel with one picture-like input, and the name of the output that is taken."""

    def __init__(self, folder: str, *, signature: str, output: str) -> None:
        import tensorflow as tf

        check_operations(folder)
        self.tf, self.folder = tf, folder
        self.loaded = tf.saved_model.load(folder)
        self.signature, self.function = self._function(signature)
        self.input = self._input()
        self.output = self._output(output)

    def _function(self, wanted: str) -> tuple[str, Any]:
        known = list(self.loaded.signatures)
        if wanted and wanted not in known:
            raise ValueError(f"it has no signature '{wanted}', but {', '.join(known) or 'none'}")
        for name in (wanted, "image_feature_vector", "serving_default", "default", *known):
            if name and name in known:
                return name, self.loaded.signatures[name]
        raise ValueError("it has no signatures to call it by")

    def _input(self) -> tuple[str, list[int | None]]:
        given = self.function.structured_input_signature[1]
        if len(given) != 1:
            raise ValueError(f"its signature '{self.signature}' takes {len(given)} inputs: {', '.join(given)}")
        name, spec = next(iter(given.items()))
        if spec.shape.rank != 4 or not spec.dtype.is_floating:
            raise ValueError(f"its input '{name}' is {spec.dtype.name} {spec.shape}, not pictures (N, H, W, C)")
        return name, spec.shape.as_list()

    def _output(self, wanted: str) -> str:
        given = self.function.structured_outputs
        known = {name: spec.shape.as_list() for name, spec in given.items() if spec.shape.rank in (2, 4)}
        listed = ", ".join(f"{name} {spec.shape}" for name, spec in given.items())
        if wanted:
            if wanted not in known:
                raise ValueError(f"it has no output '{wanted}' of features or maps, but {listed}")
            return wanted
        named = [name for name in NAMES if name in known]
        if len(known) == 1 or named:
            return named[0] if named else next(iter(known))
        raise ValueError(f"it cannot be told which of its outputs are the features: {listed}")

    def facts(self) -> dict[str, Any]:
        """What there is to know before it runs."""
        return {
            "signature": self.signature,
            "output": self.output,
            "input": self.input[1],
            "parameters": self._parameters(),
        }

    def _parameters(self) -> int:
        """The numbers in the checkpoint, but for what the checkpoint says of itself."""
        place = os.path.join(self.folder, "variables", "variables")  # noqa: PTH118
        known = self.tf.train.list_variables(place) if os.path.isdir(os.path.dirname(place)) else ()  # noqa: PTH112, PTH120
        own = ("_CHECKPOINTABLE_OBJECT_GRAPH", "save_counter")
        return int(sum(np.prod(shape) for name, shape in known if not name.startswith(own)))

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """Features (N, D) of pictures (N, H, W, C); maps are averaged over their positions."""
        given = self.function(**{self.input[0]: self.tf.constant(pictures)})[self.output].numpy()
        made: np.ndarray = given.astype(np.float32)
        if made.ndim == 4:
            made = made.mean((1, 2))
        return made

    def layers(self) -> tuple[dict[str, Any], np.ndarray | None]:
        """What Keras 2 said of its layers, as `layers.py` tells it."""
        found: tuple[dict[str, Any], np.ndarray | None] = import_module("layers").layers(self.folder, self.loaded)
        return found


def main(folder: str, signature: str, output: str) -> None:
    """Say what the model is, then answer until nothing comes any more."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever TensorFlow prints is no answer
    try:
        model = Model(folder, signature=signature, output=output)
    except Exception as error:  # noqa: BLE001 - the other process says it
        send(answers, {"problem": f"{type(error).__name__}: {error}"})
        return
    send(answers, model.facts())
    while True:
        try:
            _, pictures = receive(sys.stdin.buffer)
        except EOFError:
            return
        try:
            send(answers, *(model.layers() if pictures is None else ({}, model(pictures))))
        except Exception as error:  # noqa: BLE001 - the other process says it
            send(answers, {"problem": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main(*sys.argv[1:])
