"""Where the feature maps of a graph of Keras layers are."""

from __future__ import annotations

from typing import Any

import pytest

from headstart.models.keras.maps import maps_in
from tests.models.conftest import needs_keras


def layers_of_keras() -> Any:
    """Keras on torch, or a skip where it is not installed."""
    needs_keras()
    from headstart.models.keras.library import library

    return library()


def graph(*, first: bool) -> Any:
    """Two halvings, with two layers at the second resolution, and a cell of another form at the end."""
    keras = layers_of_keras()
    form = {"data_format": "channels_first" if first else "channels_last", "padding": "same"}
    inputs = keras.Input((3, None, None) if first else (None, None, 3))
    half = keras.layers.Conv2D(4, 3, strides=2, name="half", **form)(inputs)
    quarter = keras.layers.Conv2D(6, 3, strides=2, name="quarter", **form)(half)
    again = keras.layers.Conv2D(7, 3, name="again", **form)(quarter)
    pooling = keras.layers.GlobalAveragePooling2D(data_format=form["data_format"])
    return keras.Model(inputs, pooling(again))


@pytest.mark.parametrize("first", [False, True])
def test_each_resolution_has_its_last_map_in_either_order_of_channels(first: bool) -> None:
    found = maps_in(graph(first=first), channels_first=first)
    assert found is not None
    assert [tuple(place) for place in found.places] == [("half", 4, 2), ("again", 7, 4)]
    assert len(found.body.outputs) == 2


def test_one_resolution_is_not_enough() -> None:
    keras = layers_of_keras()
    inputs = keras.Input((16, 16, 3))
    only = keras.layers.Conv2D(4, 3, strides=2, padding="same")(inputs)
    assert maps_in(keras.Model(inputs, only), channels_first=False) is None
