"""Small models in the forms of other libraries' hubs, made on the spot."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from headstart import models
from headstart.core.card import InputFacts
from headstart.models.backbone import Backbone
from headstart.models.tensorflow.process import ALONE

HUBCONF = """
dependencies = ["torch"]

from parts import Small


def small(pretrained=False):
    import pathlib

    import torch

    network = Small()
    if pretrained:
        network.load_state_dict(torch.load(pathlib.Path(__file__).parent / "small.pth", weights_only=True))
    return network


def untold():
    return Small()


def fetching(pretrained=False):
    import torch

    network = Small()
    if pretrained:
        network.load_state_dict(torch.hub.load_state_dict_from_url("https://example.org/small-weights.pth"))
    return network


def maps():
    return Small().features


def broken():
    raise KeyError("no such thing")


def number():
    return 3
"""
PARTS = """
from torch import nn


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 6, 3, stride=2, padding=1),
            nn.BatchNorm2d(6),
            nn.ReLU(),
            nn.Conv2d(6, 8, 3, stride=2, padding=1),
            nn.ReLU(),
        )
        self.dropout = nn.Dropout(0.5)
        self.head = nn.Linear(8, 5)

    def forward(self, inputs):
        return self.head(self.dropout(self.features(inputs).mean((2, 3))))
"""


def hub_folder(folder: Path) -> Path:
    """A folder with a `hubconf.py`, a module of its own, and weights."""
    folder.mkdir(parents=True)
    (folder / "hubconf.py").write_text(HUBCONF)
    (folder / "parts.py").write_text(PARTS)
    names: dict[str, type[torch.nn.Module]] = {}
    exec(PARTS, names)
    with torch.random.fork_rng([]):
        torch.manual_seed(1)
        torch.save(names["Small"]().state_dict(), folder / "small.pth")
    return folder


def hub_network(folder: Path) -> torch.nn.Module:
    """The classifier that `small` of `hub_folder` gives, made without the hub."""
    names: dict[str, type[torch.nn.Module]] = {}
    exec((folder / "parts.py").read_text(), names)
    network = names["Small"]()
    network.load_state_dict(torch.load(folder / "small.pth", weights_only=True))
    return network.eval()


KERAS = """
import os
os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np

keras.utils.set_random_seed(0)
layers, random = keras.layers, np.random.default_rng(1)


def save(model, name, inputs):
    for weight in model.weights:
        if "seed" not in weight.path:
            weight.assign(weight.numpy() + 0.3 * random.random(weight.shape))
    model.save(f"{name}.keras")
    np.save(f"{name}.inputs.npy", inputs)
    np.save(f"{name}.outputs.npy", np.asarray(model.predict(inputs, verbose=0)))


def pictures(*shape):
    return random.uniform(0, 255, shape).astype("float32")


inputs = keras.Input((32, 32, 3))
stem = [
    layers.Rescaling(1 / 127.5, -1),
    layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False, name="stem"),
    layers.BatchNormalization(momentum=0.9, name="stem_norm"),
    layers.ReLU(),
]
x = inputs
for layer in stem:
    x = layer(x)
inner = [layers.SeparableConv2D(12, 3, strides=2, padding="same"), layers.BatchNormalization(scale=False)]
inner += [layers.Activation("swish")]
x = keras.Sequential([keras.Input((None, None, 8)), *inner], name="inner")(x)
x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
classifier = keras.Model(inputs, layers.Dense(5, activation="softmax", name="top")(x))
save(classifier, "classifier", pictures(4, 32, 32, 3))
save(keras.Model(inputs, x), "headless", pictures(2, 32, 32, 3))
save(keras.Model(inputs, classifier.get_layer("inner").output), "maps", pictures(2, 32, 32, 3))

plain = [keras.Input((20, 20, 1)), layers.Conv2D(4, 3), layers.SpatialDropout2D(0.5), layers.GlobalMaxPooling2D()]
plain += [layers.Reshape((1, 1, 4)), layers.Conv2D(6, 1, name="top"), layers.Flatten(), layers.Softmax()]
save(keras.Sequential(plain), "grey", pictures(2, 20, 20, 1) / 255)

tokens = keras.Input((None, 7))
keras.Model(tokens, layers.Dense(2)(tokens)).save("other.keras")
keras.Model(inputs, layers.Lambda(lambda z: 2 * z)(inputs)).save("code.keras")
"""


def keras_files(folder: Path) -> Path:
    """Small `.keras` files, made by Keras in a process of its own, with what it says of random pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-c", KERAS], cwd=folder, check=True, capture_output=True, text=True)
    return folder


PRESET = """
import os
os.environ["KERAS_BACKEND"] = "torch"
import keras
import keras_hub
import numpy as np

keras.utils.set_random_seed(0)
hub, filters = keras_hub.models, [64, 64]
shape = {"input_conv_filters": [64], "input_conv_kernel_sizes": [3], "image_shape": (None, None, 3)}
backbone = hub.ResNetBackbone(
    stackwise_num_filters=filters, stackwise_num_blocks=[1, 1], stackwise_num_strides=[1, 2], block_type="basic_block",
    **shape,
)
converter = keras_hub.layers.ResNetImageConverter(
    image_size=(32, 32), scale=[0.01, 0.02, 0.015], offset=[-1.0, -2.0, -1.5], interpolation="bicubic"
)
preprocessor = hub.ResNetImageClassifierPreprocessor(image_converter=converter)
classifier = hub.ResNetImageClassifier(
    backbone=backbone, num_classes=3, preprocessor=preprocessor, activation="softmax"
)
pictures = np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 3)).astype("float32")
classifier.save_to_preset("classifier")
backbone.save_to_preset("backbone")
np.savez("said.npz", pictures=pictures, said=np.asarray(classifier.predict(pictures, verbose=0)))
"""


def keras_presets(folder: Path) -> Path:
    """Two presets, of a classifier and of a backbone, made by KerasHub in a process of its own, and what it says."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-c", PRESET], cwd=folder, check=True, capture_output=True, text=True)
    return folder


def says_the_same(backbone: Backbone, inputs: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
    """The features of inputs, whose probabilities have to be those that a library said, built again as well."""
    with torch.no_grad():
        features = backbone(inputs).pooled
        assert features is not None
        ours = backbone.source_logits(features)
        assert ours is not None
        assert float((ours.softmax(1) - said).abs().max()) <= 1e-4
        again = models.build(backbone.architecture, backbone.card)
        again.load_state_dict(backbone.state_dict())
        assert torch.equal(again(inputs).pooled, features)  # type: ignore[arg-type]
    return features


def keras_inputs(folder: Path, name: str, facts: InputFacts) -> tuple[torch.Tensor, torch.Tensor]:
    """The pictures that Keras was given, prepared as the facts say, and what it said of them."""
    pictures = torch.from_numpy(np.load(folder / f"{name}.inputs.npy")).permute(0, 3, 1, 2)
    raw = 255.0 if name != "grey" else 1.0
    mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (facts.mean, facts.std))
    return (pictures / raw - mean) / std, torch.from_numpy(np.load(folder / f"{name}.outputs.npy"))


def needs_keras() -> None:
    """Skip where Keras is not installed; it must not be imported to find out, or it would take its own backend."""
    if find_spec("keras") is None:
        pytest.skip("needs the extra keras, which is not installed")


SAVED_MODELS = """
import numpy as np
import tensorflow as tf

random = np.random.default_rng(0)


def signature(*shape):
    return tf.function(input_signature=[tf.TensorSpec(shape, tf.float32, name="images")])


class Model(tf.Module):
    def __init__(self):
        self.kernel = tf.Variable(0.3 * random.normal(size=(3, 3, 3, 8)).astype("float32"))
        self.head = tf.Variable(random.normal(size=(8, 5)).astype("float32"))

    def features(self, images):
        return tf.reduce_mean(tf.nn.relu(tf.nn.conv2d(images, self.kernel, 2, "SAME")), (1, 2))

    @signature(None, None, None, 3)
    def one(self, images):
        return {"default": self.features(images), "extra": self.features(images) @ self.head}

    @signature(None, 16, 16, 3)
    def two(self, images):
        maps = tf.nn.conv2d(images, self.kernel, 2, "SAME")
        return {"maps": maps, "logits": self.features(images) @ self.head}

    @signature(None, 7)
    def table(self, images):
        return {"default": images}


class Writing(Model):
    @signature(None, 16, 16, 3)
    def written(self, images):
        tf.io.write_file("written.txt", "it ran")
        return {"default": self.features(images)}


model, writing = Model(), Writing()
tf.saved_model.save(model, "good", signatures={"serving_default": model.one, "other": model.two})
tf.saved_model.save(model, "two", signatures={"serving_default": model.two})
tf.saved_model.save(model, "table", signatures={"serving_default": model.table})
tf.saved_model.save(writing, "writing", signatures={"serving_default": writing.written})
images = random.random((4, 16, 16, 3), dtype="float32")
np.savez("said.npz", images=images, features=model.features(images).numpy())
"""


def saved_models(folder: Path) -> Path:
    """Real SavedModels, made by TensorFlow in a process of its own, with what it says of random pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    alone = os.environ | ALONE
    subprocess.run([sys.executable, "-c", SAVED_MODELS], cwd=folder, check=True, capture_output=True, env=alone)
    return folder


def needs_tensorflow() -> None:
    """Skip where TensorFlow is not installed."""
    if find_spec("tensorflow") is None:
        pytest.skip("needs the extra tensorflow, which is not installed")
