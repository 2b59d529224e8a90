"""What Keras 2 said of the layers of a SavedModel, read without TensorFlow."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from headstart.models.tensorflow import layers as tensorflow_layers
from headstart.models.tensorflow.layers import Described, Place, lacking, layers, places, weights_of

KNOWN = {
    0: Described("_tf_keras_network", {"name": "model", "class_name": "Functional", "config": {"layers": []}}),
    1: Described("_tf_keras_layer", {"name": "stem", "class_name": "Conv2D"}),
    2: Described("_tf_keras_sequential", {"name": "inner", "class_name": "Sequential"}),
    3: Described("_tf_keras_layer", {"name": "dense", "class_name": "Dense"}),
    4: Described("_tf_keras_metric", {"name": "loss"}),
}
CHILDREN = {
    0: [("layer-0", 1), ("layer_with_weights-0", 1), ("layer-1", 2), ("layer-2", 1), ("keras_api", 9), ("metrics", 4)],
    2: [("layer-0", 3), ("layer-1", 8)],
}


class Variable:
    """As much of a variable of TensorFlow as is looked at."""

    def __init__(self, name: str, values: Any, *, floating: bool = True) -> None:
        self.name, self.values = name, np.asarray(values)
        self.dtype, self.shape = SimpleNamespace(is_floating=floating), SimpleNamespace(as_list=self.as_list)

    def as_list(self) -> list[int]:
        return list(self.values.shape)

    def numpy(self) -> Any:
        return self.values

    def assign(self, value: Any) -> None:
        self.values = value


def loaded() -> Any:
    stem = SimpleNamespace(variables=[Variable("stem/kernel:0", [[1.0, 2.0]]), Variable("seed", [3], floating=False)])
    mean = Variable("normalization/mean:0", [4.0])
    inner = SimpleNamespace(**{"layer-0": SimpleNamespace(mean=mean, adapt_mean=mean, axis=[1])})
    return SimpleNamespace(**{"layer-0": stem, "layer-1": inner})


def test_layers_are_found_once_each_with_the_way_to_them() -> None:
    assert places(KNOWN, CHILDREN) == [
        Place(("stem",), ("layer-0",)),
        Place(("inner", "dense"), ("layer-1", "layer-0")),
    ]


def test_a_graph_that_bites_its_tail_ends() -> None:
    assert places(KNOWN, {0: [("layer-0", 2)], 2: [("layer-0", 0), ("layer-1", 2)]}) == []


@pytest.mark.parametrize(
    ("root", "said"),
    [
        (None, "has no keras_metadata.pb"),
        (Described("_tf_keras_model", {"class_name": "Mine", "config": {"width": 3}}), "it is a Mine with code"),
        (Described("_tf_keras_layer", {"class_name": "Dense", "config": {"layers": []}}), "it is a Dense"),
        (Described("_tf_keras_model", {}), "it is a _tf_keras_model"),
    ],
)
def test_what_is_lacking_is_said(root: Described | None, said: str) -> None:
    assert said in lacking({} if root is None else {0: root})
    assert lacking(KNOWN) == ""


def test_weights_are_those_of_the_layer_without_whole_numbers() -> None:
    assert [each.name for each in weights_of(loaded(), Place((), ("layer-0",)))] == ["stem/kernel:0"]
    assert [each.name for each in weights_of(loaded(), Place((), ("layer-1", "layer-0")))] == ["normalization/mean:0"]


def test_the_message_has_names_and_shapes_and_the_array_the_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensorflow_layers, "_read", lambda folder: (KNOWN, CHILDREN))
    message, values = layers("", loaded())
    assert message == {
        "kind": "Functional",
        "config": {"layers": []},
        "layers": [
            {"path": ("stem",), "weights": [["stem/kernel:0", [1, 2]]]},
            {"path": ("inner", "dense"), "weights": [["normalization/mean:0", [1]]]},
        ],
    }
    assert values is not None
    assert (values.dtype, values.tolist()) == (np.float32, [1.0, 2.0, 4.0])


def test_what_cannot_be_read_is_a_reason_and_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensorflow_layers, "_read", lambda folder: 1 / 0)
    assert layers("", None) == ({"reason": "its description cannot be read: ZeroDivisionError: division by zero"}, None)
    monkeypatch.setattr(tensorflow_layers, "_read", lambda folder: ({}, {}))
    message, values = layers("", None)
    assert values is None
    assert "model.export of Keras 3" in message["reason"]


def test_without_a_library_for_the_file_its_names_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensorflow_layers, "MESSAGES", ("no.such.library",))
    with pytest.raises(
        ImportError, match="none of no.such.library is installed, which know the form of keras_metadata"
    ):
        tensorflow_layers._messages()
