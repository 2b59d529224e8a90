"""The feature maps of a graph of Keras layers: what its layers hand on, one map a resolution."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch

from headstart.models.keras.library import laid_out, library
from headstart.models.networks.traced_maps import MOST_MAPS, TRIAL_SIZE, MapPlace, places_of


class KerasMaps(NamedTuple):
    """A graph on the same layers whose outputs are the maps, from fine to coarse, and where they are."""

    body: Any
    places: tuple[MapPlace, ...]


def maps_in(body: Any, *, channels_first: bool) -> KerasMaps | None:
    """Of each resolution the last map that a layer of the graph hands on; None where there are fewer than two.

    A graph inside the graph counts as one layer. The graph is run once on a blank picture, of 128 x 128 pixels or of
    the one size that it takes.
    """
    shape = body.inputs[0].shape
    channels, side = (shape[1], shape[2]) if channels_first else (shape[3], shape[1])
    side = side or TRIAL_SIZE
    outputs = {layer.name: output for layer in body.layers if (output := _map_of(layer)) is not None}
    if not outputs:
        return None
    keras = library()
    with laid_out(), torch.no_grad(), keras.StatelessScope():
        picture = torch.zeros((1, channels, side, side) if channels_first else (1, side, side, channels))
        made = keras.Model(body.inputs, list(outputs.values())).call(picture, training=False)
    order = []
    for name, found in zip(outputs, made, strict=True):
        form = tuple(found.shape) if channels_first else tuple(found.permute(0, 3, 1, 2).shape)
        order.append((name, form))
    places = places_of(order, side=side)[-MOST_MAPS:]
    if len(places) < 2:
        return None
    with laid_out():
        return KerasMaps(keras.Model(body.inputs, [outputs[place.name] for place in places]), tuple(places))


def _map_of(layer: Any) -> Any:
    """What a layer hands on, where that is one map and the layer is used once."""
    try:
        output = layer.output
    except (AttributeError, ValueError):
        return None
    return output if hasattr(output, "shape") and len(output.shape) == 4 else None
