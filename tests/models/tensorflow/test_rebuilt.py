"""Networks that are built again, and held against something else that says what TensorFlow would."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from headstart.core.card import InputFacts
from headstart.core.errors import ModelError
from headstart.models.keras import library as keras_library
from headstart.models.keras.legacy import NotRebuiltError, built, give_weights
from headstart.models.tensorflow.rebuilt import begins_with_scaling, check_agreement, rebuilt
from tests.models.hub_samples import needs_keras
from tests.models.keras_2_samples import CONFIG, WEIGHTS, config, saved

FACTS = InputFacts(size=(8, 8))


class Run:
    """What stands for the process of TensorFlow: the network itself, or what a test has made of its answers."""

    def __init__(self, changed: Callable[[Any], Any] = lambda said: said, *, described: Any = CONFIG) -> None:
        self.network: Any = built("Functional", CONFIG)
        give_weights(self.network, saved())
        self.changed, self.described = changed, described

    def __call__(self, pictures: Any) -> Any:
        return self.changed(self.network(pictures, training=False).detach().numpy())

    def layers(self) -> tuple[dict[str, Any], Any]:
        described = [
            {"path": path, "weights": [[name, list(shape)] for name, shape in weights.items()]}
            for path, weights in WEIGHTS.items()
        ]
        values = np.concatenate([value.ravel() for layer in saved() for _, value in layer.weights])
        return {"kind": "Functional", "config": self.described, "layers": described}, values


@pytest.fixture(autouse=True)
def keras_is_there() -> None:
    needs_keras()


def test_a_network_that_says_the_same_is_handed_over() -> None:
    run = Run()
    found = rebuilt(run, FACTS)  # type: ignore[arg-type]
    assert (found.reason, found.raw) == ("", True)
    pictures = np.random.default_rng(3).uniform(0, 255, (2, 8, 8, 3)).astype(np.float32)
    assert np.array_equal(found.network(pictures, training=False).detach().numpy(), run(pictures))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (lambda said: said * 1.001, "does not say what TensorFlow says of pictures of 0..1: they are up to"),
        (lambda said: said[:, ::-1], "does not say what TensorFlow says"),
        (lambda said: said * np.nan, "does not say what TensorFlow says"),
        (lambda said: said[:, :2], "it gives .3,. numbers a picture, not .2,."),
    ],
    ids=["a little", "permuted", "no numbers", "fewer"],
)
def test_one_that_says_something_else_is_not(changed: Callable[[Any], Any], why: str) -> None:
    found = rebuilt(Run(changed), FACTS)  # type: ignore[arg-type]
    assert found.network is None
    assert re.search(why, found.reason)


def test_the_same_answer_to_every_picture_proves_nothing() -> None:
    run = Run()
    run.network.layers[-1].kernel.assign(np.zeros((4, 3)))
    with pytest.raises(NotRebuiltError, match="the same of every random picture"):
        check_agreement(run.network, run, FACTS)  # type: ignore[arg-type]


def test_what_cannot_be_built_is_a_reason() -> None:
    assert "TFOpLambda" in rebuilt(Run(described=config(class_name="TFOpLambda")), FACTS).reason  # type: ignore[arg-type]
    assert "cannot be told apart" in rebuilt(Run(described=config(use_bias=False)), FACTS).reason  # type: ignore[arg-type]


def test_without_a_description_the_other_process_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run()
    monkeypatch.setattr(run, "layers", lambda: ({"reason": "it has none"}, None))
    assert rebuilt(run, FACTS) == (None, "it has none", False)  # type: ignore[arg-type]


def test_keras_on_something_else_than_torch_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> Any:
        raise ModelError("Keras was imported with the backend 'jax' in this process.", hint="Do not.")

    run = Run()
    monkeypatch.setattr(keras_library, "library", refuse)
    found = rebuilt(run, FACTS)  # type: ignore[arg-type]
    assert found == (None, "Keras was imported with the backend 'jax' in this process", True)


def test_scaling_is_seen_in_the_description() -> None:
    assert begins_with_scaling(CONFIG)
    assert not begins_with_scaling({"layers": [CONFIG["layers"][0], CONFIG["layers"][2]]})
    assert not begins_with_scaling({"layers": [CONFIG["layers"][0]]})
