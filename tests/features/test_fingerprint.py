"""The identity of weights."""

from __future__ import annotations

import torch
from torch import nn

from headstart.features.fingerprint import weights_fingerprint
from tests.features.samples import TinyBackbone


def test_equal_weights_are_equal_wherever_they_came_from() -> None:
    first, second = TinyBackbone(), TinyBackbone(seed=1)
    assert weights_fingerprint(first) != weights_fingerprint(second)
    second.load_state_dict(first.state_dict())
    assert weights_fingerprint(first) == weights_fingerprint(second)


def test_the_last_bit_of_a_weight_or_a_statistic_matters() -> None:
    network = TinyBackbone()
    seen = {weights_fingerprint(network)}
    with torch.no_grad():
        network.body.weight[0, 0, 0, 0] = torch.nextafter(network.body.weight[0, 0, 0, 0], torch.tensor(9.0))
    seen.add(weights_fingerprint(network))
    network.norm.running_var[0] += 1
    seen.add(weights_fingerprint(network))
    assert len(seen) == 3


def test_types_names_and_shapes_matter() -> None:
    networks = [nn.Linear(4, 1, bias=False), nn.Linear(2, 2, bias=False), nn.Linear(4, 1, bias=False).double()]
    networks.append(nn.ModuleDict({"inner": nn.Linear(4, 1, bias=False)}))
    for network in networks:
        nn.init.zeros_(next(network.parameters()))
    assert len({weights_fingerprint(network) for network in networks}) == 4


def test_layout_in_memory_does_not_matter() -> None:
    network = TinyBackbone()
    before = weights_fingerprint(network)
    assert weights_fingerprint(network.to(memory_format=torch.channels_last)) == before


def test_half_precision_and_scalars_have_one_too() -> None:
    network = nn.BatchNorm1d(2).to(torch.bfloat16)
    assert len(weights_fingerprint(network)) == 32
