"""The weights of the best epoch."""

from __future__ import annotations

import torch
from torch import nn

from headstart.train.best import BestWeights


def test_the_first_of_the_highest_score_is_kept_as_a_copy() -> None:
    layer, best = nn.Linear(1, 1, bias=False), BestWeights()
    assert not best
    for epoch, score in enumerate([-0.5, 0.5, 0.5, 0.1], start=1):
        with torch.no_grad():
            layer.weight.fill_(epoch)
        best.offer(layer, score=score, epoch=epoch)
    assert best
    assert (best.score, best.epoch, best.weights["weight"].item()) == (0.5, 2, 2.0)


def test_it_goes_on_from_its_state() -> None:
    layer, best, again = nn.Linear(1, 1), BestWeights(), BestWeights()
    again.restore(best.state())
    assert not again
    best.offer(layer, score=0.5, epoch=3)
    again.restore(best.state())
    again.offer(layer, score=0.4, epoch=4)
    assert (again.score, again.epoch) == (0.5, 3)
    assert torch.equal(again.weights["weight"], layer.weight)
