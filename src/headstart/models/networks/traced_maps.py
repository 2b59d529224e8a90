"""The feature maps of a convolutional network that offers none: what its layers hand on, one map a resolution."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

MOST_MAPS = 4
_changing = threading.Lock()
TRIAL_SIZE = 128
"""Pixels on a side of the picture that a network is tried on: its maps then have 64, 32, 16, 8 and 4 cells."""


class MapPlace(NamedTuple):
    """The module whose output is a map, by its name; the map's channels and the pixels between two of its cells."""

    name: str
    channels: int
    stride: int


def map_places(network: nn.Module, *, channels: int, run: Callable[[Tensor], object]) -> list[MapPlace]:
    """Of each resolution the last map that a module hands on, from fine to coarse: up to four, the coarsest ones.

    A module that runs several times, such as the one ReLU of a block of torchvision's ResNets, is passed over: its last
    map would be of another resolution than the one that was wanted.
    `run` runs the network, once, on a blank picture; it is left as it was. Empty for a network that has no maps of
    falling resolution, such as one of attention, or that does not run on a picture of that size.
    """
    order: list[tuple[str, torch.Size]] = []

    def watch(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: object, output: object) -> None:
            del module, inputs
            if isinstance(output, Tensor) and output.ndim == 4:
                order.append((name, output.shape))

        return hook

    modes = [(module, module.training) for module in network.modules()]
    hooks = [module.register_forward_hook(watch(name)) for name, module in network.named_modules() if name]
    place = next(network.parameters()).device
    try:
        network.eval()
        with torch.no_grad():
            run(torch.zeros(1, channels, TRIAL_SIZE, TRIAL_SIZE, device=place))
    except Exception:  # noqa: BLE001 - whether it runs at that size is what is asked, and it may be anybody's code
        return []
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in modes:
            module.training = mode
    places = places_of(order, side=TRIAL_SIZE)[-MOST_MAPS:]
    return places if len(places) > 1 else []


def places_of(order: Sequence[tuple[str, Sequence[int]]], *, side: int) -> list[MapPlace]:
    """Of each resolution the last of these maps, from fine to coarse.

    `order` has the names of modules and the forms (N, C, H, W) of what they have handed on, from the input to the
    output, of a picture of `side` x `side` pixels.
    """
    runs = Counter(name for name, _ in order)
    found: dict[int, MapPlace] = {}
    for name, (_, channels, high, wide) in order:
        if runs[name] == 1 and high == wide and 1 < high < side and side % high == 0:
            found[high] = MapPlace(name, int(channels), side // high)
    return [found[high] for high in sorted(found, reverse=True)]


def maps_of(network: nn.Module, places: Sequence[MapPlace], run: Callable[[], object]) -> tuple[Tensor, ...]:
    """What the modules in these places hand on while `run` runs the network in this thread.

    Hooks are put on and taken off each time: ones that stay would be shared by copies of the network.
    """
    ours = threading.get_ident()
    maps: dict[str, Tensor] = {}

    def remember(name: str) -> Callable[[nn.Module, object, Tensor], None]:
        def hook(module: nn.Module, inputs: object, output: Tensor) -> None:
            del module, inputs
            if threading.get_ident() == ours:
                maps[name] = output

        return hook

    with _changing:
        hooks = [network.get_submodule(place.name).register_forward_hook(remember(place.name)) for place in places]
    try:
        run()
    finally:
        with _changing:
            for hook in hooks:
                hook.remove()
    return tuple(maps[place.name] for place in places)
