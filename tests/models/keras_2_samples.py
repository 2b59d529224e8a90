"""Networks as Keras 2 left them: descriptions that it wrote, and SavedModels, where it is there to make them."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from headstart.models.keras.legacy import SavedLayer
from headstart.models.tensorflow.process import ALONE
from tests.models.hub_samples import needs_tensorflow


def _tuple(*items: Any) -> dict[str, Any]:
    return {"class_name": "__tuple__", "items": list(items)}


def _entry(kind: str, name: str, *before: list[Any], **config: Any) -> dict[str, Any]:
    nodes = [[[*each, {}] for each in before]] if before else []
    settings = {"name": name, "trainable": True, "dtype": "float32", **config}
    return {"class_name": kind, "config": settings, "name": name, "inbound_nodes": nodes}


def _input(name: str, *shape: Any) -> dict[str, Any]:
    return _entry("InputLayer", name, batch_input_shape=_tuple(*shape), sparse=False, ragged=False)


_GLOROT = {"class_name": "GlorotUniform", "config": {"seed": None}}
_DEPTHWISE = {
    "kernel_size": _tuple(3, 3), "padding": "same", "groups": 1, "activation": "relu", "depth_multiplier": 1,
    "depthwise_initializer": _GLOROT, "depthwise_regularizer": None, "kernel_initializer": _GLOROT,
}  # fmt: skip
_INNER = [
    _input("input_2", None, None, None, 4),
    _entry("BatchNormalization", "norm", axis=[3], momentum=0.9, scale=False),
    _entry("DepthwiseConv2D", "depthwise", **_DEPTHWISE),
]
CONFIG: dict[str, Any] = {
    "name": "model",
    "trainable": True,
    "layers": [
        _input("input_1", None, 8, 8, 3),
        _entry("Rescaling", "rescaling", ["input_1", 0, 0], scale=1 / 255, offset=0.0),
        _entry("Conv2D", "stem/conv", ["rescaling", 0, 0], filters=4, kernel_size=_tuple(3, 3), groups=1),
        {**_entry("Sequential", "inner", ["stem/conv", 0, 0]), "config": {"name": "inner", "layers": _INNER}},
        _entry("GlobalAveragePooling2D", "pool", ["inner", 1, 0], data_format="channels_last", keepdims=False),
        _entry("Dense", "top", ["pool", 0, 0], units=3, activation="softmax", kernel_regularizer=None),
    ],
    "input_layers": [["input_1", 0, 0]],
    "output_layers": [["top", 0, 0]],
}
"""A functional model of Keras 2, with a sequential one inside it, as keras_metadata.pb has it."""
WEIGHTS: dict[tuple[str, ...], dict[str, tuple[int, ...]]] = {
    ("stem/conv",): {"stem/conv/kernel:0": (3, 3, 3, 4), "stem/conv/bias:0": (4,)},
    ("inner", "norm"): {"norm/beta:0": (4,), "norm/moving_mean:0": (4,), "norm/moving_variance:0": (4,)},
    ("inner", "depthwise"): {"depthwise/depthwise_kernel:0": (3, 3, 4, 1), "depthwise/bias:0": (4,)},
    ("top",): {"top/kernel:0": (4, 3), "top/bias:0": (3,)},
}
"""Its weights, by layer."""


def config(**changed: Any) -> dict[str, Any]:
    """A copy of `CONFIG` with the settings of one layer, `stem/conv`, changed, or its `class_name`."""
    found = copy.deepcopy(CONFIG)
    layer = found["layers"][2]
    layer["class_name"] = changed.pop("class_name", layer["class_name"])
    layer["config"] |= changed
    return found


def saved() -> list[SavedLayer]:
    """`WEIGHTS` with values."""
    random = np.random.default_rng(0)
    return [
        SavedLayer(path, tuple((name, _values(random, shape)) for name, shape in weights.items()))
        for path, weights in WEIGHTS.items()
    ]


def _values(random: np.random.Generator, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    return random.uniform(0.05, 0.3, shape).astype(np.float32)


MODELS = """
import os
os.environ["KERAS_BACKEND"] = "tensorflow"
import shutil
from pathlib import Path

import keras
import numpy as np
import tf_keras
from tensorflow.core.protobuf import saved_model_pb2
from tf_keras import layers
from tf_keras.protobuf import saved_metadata_pb2

random = np.random.default_rng(0)


def save(model, name, pictures):
    for weight in model.weights:
        weight.assign(weight.numpy() + 0.3 * random.random(weight.shape))
    model.save(name, save_format="tf")
    np.savez(f"{name}.npz", pictures=pictures, said=model.predict(pictures, verbose=0))


inputs = tf_keras.Input((32, 32, 3))
x = layers.Rescaling(1 / 127.5, -1)(inputs)
x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False, name="stem/conv")(x)
x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
inner = [layers.SeparableConv2D(12, 3), layers.DepthwiseConv2D(3), layers.BatchNormalization(scale=False)]
x = tf_keras.Sequential([tf_keras.Input((None, None, 8)), *inner, layers.Activation("swish")], name="inner")(x)
x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
pictures = random.uniform(0, 255, (4, 32, 32, 3)).astype("float32")
layered = tf_keras.Model(inputs, layers.Dense(5, activation="softmax", name="top")(x))
layered.compile("adam", "mse")
save(layered, "layered", pictures)
save(tf_keras.Model(inputs, 2.0 * x + 1.0), "operations", pictures)

# As TensorFlow before 2.5 left it.
shutil.copytree("layered", "older")
metadata, content = saved_metadata_pb2.SavedMetadata(), saved_model_pb2.SavedModel()
metadata.ParseFromString(Path("older/keras_metadata.pb").read_bytes())
content.ParseFromString(Path("older/saved_model.pb").read_bytes())
for node in metadata.nodes:
    content.meta_graphs[0].object_graph_def.nodes[node.node_id].user_object.metadata = node.metadata
Path("older/saved_model.pb").write_bytes(content.SerializeToString())
Path("older/keras_metadata.pb").unlink()

plain = keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Conv2D(4, 3), keras.layers.GlobalMaxPooling2D()])
plain.export("exported", verbose=False)
"""


def needs_keras_2() -> None:
    """Skip where Keras 2 is not installed beside Keras 3."""
    needs_tensorflow()
    if find_spec("tf_keras") is None:
        pytest.skip("needs Keras 2 (pip install tf_keras), which is not installed")


def keras_2_models(folder: Path) -> Path:
    """SavedModels of Keras 2 (`layered`, `older`, `operations`), with what it says of pictures, and one of Keras 3."""
    folder.mkdir(parents=True, exist_ok=True)
    alone = os.environ | ALONE
    subprocess.run([sys.executable, "-c", MODELS], cwd=folder, check=True, capture_output=True, env=alone)
    return folder
