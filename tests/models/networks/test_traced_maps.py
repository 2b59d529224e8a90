"""Feature maps of networks that do not offer any: found, told apart by resolution, and the same in every thread."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor, nn

from headstart.models.networks.traced_maps import map_places, maps_of, places_of


class Small(nn.Module):
    """Three convolutions, each halving the picture, and a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.second = nn.Sequential(nn.Conv2d(4, 6, 3, stride=2, padding=1), nn.ReLU())
        self.third = nn.Conv2d(6, 8, 3, stride=2, padding=1)
        self.last = nn.Linear(8, 2)

    def forward(self, inputs: Tensor) -> Tensor:
        answer: Tensor = self.last(self.third(self.second(self.first(inputs))).mean((2, 3)))
        return answer


def test_each_resolution_has_the_last_map_that_was_handed_on() -> None:
    network = Small().train()
    places = map_places(network, channels=3, run=network)
    assert [tuple(place) for place in places] == [("first", 4, 2), ("second", 6, 4), ("third", 8, 8)]
    assert network.training
    assert not network.first._forward_hooks


def test_a_network_of_one_resolution_has_none() -> None:
    flat = nn.Sequential(nn.Conv2d(3, 4, 8, stride=8), nn.Conv2d(4, 4, 1))
    assert map_places(flat, channels=3, run=flat) == []


class Bottlenecks(nn.Module):
    """Two halvings, one ReLU after both, as in a block of a ResNet."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.second = nn.Conv2d(4, 6, 3, stride=2, padding=1)
        self.relu = nn.ReLU()

    def forward(self, inputs: Tensor) -> Tensor:
        answer: Tensor = self.relu(self.second(self.relu(self.first(inputs))))
        return answer


def test_a_module_that_runs_twice_is_passed_over() -> None:
    network = Bottlenecks().eval()
    places = map_places(network, channels=3, run=network)
    assert [tuple(place) for place in places] == [("first", 4, 2), ("second", 6, 4)]
    maps = maps_of(network, places, lambda: network(torch.zeros(1, 3, 64, 64)))
    assert [tuple(one.shape[1:]) for one in maps] == [(4, 32, 32), (6, 16, 16)]


def test_a_network_that_takes_no_such_picture_has_none() -> None:
    linear = nn.Linear(5, 2)
    assert map_places(linear, channels=3, run=linear) == []


def test_maps_are_what_the_layers_give_and_threads_get_their_own() -> None:
    network = Small().eval()
    places = map_places(network, channels=3, run=network)
    inputs = [torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(seed)) for seed in range(8)]

    def maps(one: Tensor) -> tuple[Tensor, ...]:
        return maps_of(network, places, lambda: network(one))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(maps, inputs))
    for one, (first, second, _) in zip(inputs, found, strict=True):
        assert torch.equal(first, network.first(one))
        assert torch.equal(second, network.second(network.first(one)))


def test_a_copy_of_the_network_has_maps_of_its_own() -> None:
    network = Small().eval()
    places = map_places(network, channels=3, run=network)
    copied = copy.deepcopy(network)
    nn.init.zeros_(copied.first.weight)
    inputs = torch.randn(1, 3, 32, 32)
    assert not torch.equal(maps_of(copied, places, lambda: copied(inputs))[0], network.first(inputs))


def test_a_network_that_does_not_run_at_that_size_has_none() -> None:
    class Other(nn.Module):
        def forward(self, inputs: Tensor) -> Tensor:
            raise KeyError(inputs.shape)

    network = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1), Other())
    assert map_places(network, channels=3, run=network) == []


def test_maps_whose_cells_do_not_divide_the_picture_are_passed_over() -> None:
    order = [("a", (1, 4, 64, 64)), ("b", (1, 5, 63, 63)), ("c", (1, 6, 32, 16)), ("d", (1, 7, 32, 32))]
    assert [place.name for place in places_of(order, side=128)] == ["a", "d"]
