from __future__ import annotations

import torch

from headstart.train.averaging import AverageWeights


def test_the_average_follows_the_formula_and_swaps_there_and_back() -> None:
    layer = torch.nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        layer.weight.fill_(1.0)
    average = AverageWeights(layer, decay=0.25)
    expected = 1.0
    for step, value in enumerate([2.0, 4.0], start=1):
        with torch.no_grad():
            layer.weight.fill_(value)
        average.update(layer)
        decay = min(0.25, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * value
    average.swap(layer)
    assert layer.weight.item() == torch.tensor(expected).item() or abs(layer.weight.item() - expected) < 1e-6
    average.swap(layer)
    assert layer.weight.item() == 4.0


def test_counters_are_copied() -> None:
    norm = torch.nn.BatchNorm1d(2)
    average = AverageWeights(norm, decay=0.9)
    norm.train()(torch.randn(4, 2))
    average.update(norm)
    assert average.average["num_batches_tracked"].item() == 1
