"""The pull to the start, against the penalty written out."""

from __future__ import annotations

import torch
from torch import nn

from headstart.core.strategy import Rule
from headstart.train.feed import epoch_order, split_order
from headstart.train.groups import parameter_groups
from headstart.train.loop import train
from tests.train.tiny import strategy, tiny_feed, tiny_model

RATE, WEIGHT, DECAY = 0.05, 0.7, 0.1


def test_it_equals_a_penalty_in_the_loss() -> None:
    """Plain SGD on cross-entropy + anchor/2 |w - w0|^2 for the body and decay/2 |w|^2 for the head's matrix."""
    ours, task = tiny_model()
    ours.backbone.dropout.p = 0.0
    feed = tiny_feed()
    train(ours, task, feed, strategy(anchor=WEIGHT, weight_decay=DECAY, momentum=0.0, epochs=3))

    slow, _ = tiny_model()
    slow.backbone.dropout.p = 0.0
    start = {name: value.detach().clone() for name, value in slow.named_parameters()}
    for epoch in range(3):
        for chunk in split_order(epoch_order(len(feed), seed=0, epoch=epoch), 8):
            slow.train()
            for module in slow.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
            loss = nn.functional.cross_entropy(slow(feed.inputs[chunk]), feed.targets[chunk])
            for name, value in slow.named_parameters():
                if name.startswith("backbone."):
                    loss = loss + WEIGHT / 2 * (value - start[name]).square().sum()
            loss = loss + DECAY / 2 * slow.head.linear.weight.square().sum()
            slow.zero_grad()
            loss.backward()
            with torch.no_grad():
                for value in slow.parameters():
                    value -= RATE * value.grad
    for value, other in zip(ours.parameters(), slow.parameters(), strict=True):
        torch.testing.assert_close(value, other, rtol=1e-4, atol=1e-6)
    assert not torch.equal(ours.backbone.first[0].weight, start["backbone.first.0.weight"])


def test_a_stronger_anchor_keeps_the_body_closer_to_its_start() -> None:
    distances = []
    for weight in (0.0, 0.5, 5.0):
        model, task = tiny_model()
        start = model.backbone.first[0].weight.detach().clone()
        train(model, task, tiny_feed(), strategy(anchor=weight, epochs=5))
        distances.append((model.backbone.first[0].weight - start).norm().item())
    assert distances[0] > distances[1] > distances[2] > 0


def test_the_body_has_no_weight_decay_beside_its_anchor() -> None:
    model, _ = tiny_model()
    groups = parameter_groups(model, strategy(anchor=0.1, weight_decay=0.3))
    decays = {name: group.weight_decay for group in groups for name in group.parameters}
    assert decays["head.linear.weight"] == 0.3
    assert all(value == 0.0 for name, value in decays.items() if name.startswith("backbone."))


def test_frozen_parts_are_not_pulled() -> None:
    model, task = tiny_model()
    before = model.backbone.first[0].weight.detach().clone()
    rules = (Rule(pattern="backbone.first.*"), Rule(pattern="*", learning_rate=0.05))
    train(model, task, tiny_feed(), strategy(anchor=0.5, rules=rules))
    assert torch.equal(model.backbone.first[0].weight, before)
