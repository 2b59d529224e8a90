"""Descriptions and weights of Keras 2, taken over by Keras 3."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from headstart.models.keras.legacy import NotRebuiltError, SavedLayer, built, give_weights, saved_layers
from tests.models.hub_samples import needs_keras
from tests.models.keras_2_samples import CONFIG, config, saved


@pytest.fixture(autouse=True)
def keras_is_there() -> None:
    needs_keras()


def expected(pictures: Any) -> Any:
    """What the network of `CONFIG` says, computed from the formulas."""
    stem, norm, depthwise, top = ([value for _, value in layer.weights] for layer in saved())
    windows = np.lib.stride_tricks.sliding_window_view(pictures / 255, (3, 3), axis=(1, 2))
    x = np.einsum("nhwcij,ijco->nhwo", windows, stem[0]) + stem[1]
    x = (x - norm[1]) / np.sqrt(norm[2] + 1e-3) + norm[0]
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    x = np.maximum(np.einsum("nhwcij,ijc->nhwc", windows, depthwise[0][..., 0]) + depthwise[1], 0)
    logits = np.exp(x.mean((1, 2)) @ top[0] + top[1])
    return logits / logits.sum(1, keepdims=True)


def said(network: Any, pictures: Any) -> Any:
    return network(pictures, training=False).detach().numpy()


def test_a_functional_model_with_a_sequential_one_inside_says_what_the_formulas_say() -> None:
    network = built("Functional", CONFIG)
    give_weights(network, saved()[::-1])  # in whatever order they come
    pictures = np.random.default_rng(1).uniform(0, 255, (2, 8, 8, 3)).astype(np.float32)
    np.testing.assert_allclose(said(network, pictures), expected(pictures), rtol=1e-4)
    assert [layer.name for layer in network.layers][2:4] == ["stem_conv", "inner"]


def test_a_sequential_model() -> None:
    network = built("Sequential", CONFIG["layers"][3]["config"])
    assert [layer.name for layer in network.layers] == ["norm", "depthwise"]
    give_weights(network, [layer._replace(path=layer.path[1:]) for layer in saved()[1:3]])
    assert network.get_layer("norm").momentum == 0.9


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"class_name": "TFOpLambda"}, "no such layers, or they are code: TFOpLambda"),
        ({"class_name": "Lambda", "function": ["code", None, None]}, "they are code: Lambda"),
        ({"class_name": "TFSMLayer", "filepath": "/tmp"}, "they are code: TFSMLayer"),
        ({"class_name": "deserialize"}, "they are code: deserialize"),
        ({"activation": {"module": "os", "class_name": "system", "config": {}}}, "they are code: system"),
        ({"kernel_initializer": {"class_name": "__lambda__", "config": {"value": ""}}}, "they are code: __lambda__"),
        ({"bias_initializer": {"module": "keras.utils", "class_name": "get_file", "config": {}}}, "code: get_file"),
        ({"padding": {"class_name": "__tuple__"}}, "cannot build its layers"),
        ({"new_setting": 3}, "cannot build its layers: .*new_setting"),
        ({"filters": -1}, "cannot build its layers"),
    ],
)
def test_what_keras_3_does_not_have_or_what_is_code_is_refused(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(NotRebuiltError, match=why):
        built("Functional", config(**changed))


def test_settings_that_are_off_say_nothing() -> None:
    policy = {"class_name": "Policy", "config": {"name": "float32"}}
    assert built("Functional", config(time_major=False, kernel_sparsity=None, dtype=policy))


@pytest.mark.parametrize("wrong", [{}, {"layers": 3}, {"layers": [3]}, {"layers": [{"class_name": "Dense"}]}])
def test_a_description_without_layers_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(NotRebuiltError, match="has no layers"):
        built("Sequential", wrong)


def without(name: str, **renamed: str) -> list[SavedLayer]:
    """`saved` without a weight, or with others' names."""

    def called(key: str) -> str:
        return renamed.get(key.partition(":")[0].rpartition("/")[2], key)

    return [
        layer._replace(weights=tuple((called(key), value) for key, value in layer.weights if key != name))
        for layer in saved()
    ]


@pytest.mark.parametrize(
    ("weights", "why"),
    [
        (without("top/bias:0"), "those of 'top' .kernel .4, 3., bias .3,. against top/kernel:0 .4, 3.."),
        (without("", moving_mean="norm/a:0", moving_variance="norm/b:0"), "those of 'inner/norm'"),
        (without("", moving_mean="norm/beta:0"), "those of 'inner/norm'"),
        ([*saved(), SavedLayer(("other",), saved()[0].weights)], "those of 'other', which Keras 3 does not have"),
        ([layer._replace(path=(*layer.path, "x")) for layer in saved()], "and 5 more"),
        (
            [layer._replace(weights=tuple((name, value.T) for name, value in layer.weights)) for layer in saved()],
            "'top'",
        ),
    ],
    ids=["missing", "renamed alike", "twice", "left over", "elsewhere", "transposed"],
)
def test_weights_that_are_not_certain_are_refused_and_none_is_given(weights: list[SavedLayer], why: str) -> None:
    network = built("Functional", CONFIG)
    before = [each.numpy().copy() for each in network.weights]
    with pytest.raises(NotRebuiltError, match=why):
        give_weights(network, weights)
    assert all((each.numpy() == value).all() for each, value in zip(network.weights, before, strict=True))


def test_layers_are_taken_out_of_one_array() -> None:
    described = [{"path": ["a", "b"], "weights": [["k:0", [2, 2]], ["s:0", []]]}, {"path": ["c"], "weights": []}]
    first, second = saved_layers(described, np.arange(5, dtype=np.float32))
    assert (first.path, second) == (("a", "b"), SavedLayer(("c",), ()))
    assert {name: value.tolist() for name, value in first.weights} == {"k:0": [[0, 1], [2, 3]], "s:0": 4}
