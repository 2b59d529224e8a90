"""Pictures blended in pairs, the same ones whatever the machine."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from headstart.models.backbone import Features
from headstart.train.feed import Batch
from headstart.train.loop import TrainSettings, train
from headstart.train.mixup import Mixed, mix
from tests.train.tiny import strategy, tiny_feed, tiny_model


def mixed(batches: list[Batch], **options: float) -> list[Mixed]:
    found = mix(batches, **{"alpha": 0.4, "seed": 1, "step": 2, **options})  # type: ignore[arg-type]
    assert all(isinstance(part, Mixed) for part in found)
    return found  # type: ignore[return-value]


def test_inputs_and_losses_are_blended_by_the_formula() -> None:
    feed = tiny_feed(items=6)
    (part,) = mixed([Batch(feed.inputs, feed.targets)])
    partners = [
        next(
            other
            for other in range(6)
            if torch.allclose(part.inputs[item], part.share * feed.inputs[item] + (1 - part.share) * feed.inputs[other])
        )
        for item in range(6)
    ]
    assert sorted(partners) == list(range(6))
    assert torch.equal(part.others, feed.targets[partners])
    assert 0 < part.share < 1
    assert part.loss(lambda targets: targets.float().sum() ** 2) == pytest.approx(
        part.share * float(feed.targets.sum()) ** 2 + (1 - part.share) * float(part.others.sum()) ** 2
    )


def test_how_a_batch_is_cut_up_changes_nothing() -> None:
    feed = tiny_feed(items=7)
    whole = mixed([Batch(feed.inputs, feed.targets)])[0]
    parts = mixed([Batch(feed.inputs[:3], feed.targets[:3]), Batch(feed.inputs[3:], feed.targets[3:])])
    assert torch.equal(torch.cat([part.inputs for part in parts]), whole.inputs)
    assert torch.equal(torch.cat([part.others for part in parts]), whole.others)


def test_seed_and_step_decide_and_no_global_generator_is_touched() -> None:
    feed = tiny_feed()
    batch = [Batch(feed.inputs, feed.targets)]
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    shares = [mixed(batch, seed=seed, step=step)[0].share for seed, step in ((1, 2), (1, 2), (1, 3), (2, 2))]
    assert shares[0] == shares[1]
    assert len(set(shares)) == 3
    drawn = torch.rand(1), np.random.random()  # noqa: NPY002
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    assert drawn == (torch.rand(1), np.random.random())  # noqa: NPY002


def test_training_with_it_repeats_itself_and_differs_from_training_without() -> None:
    ends = []
    for mixup, size in ((0.4, 8), (0.4, 8), (0.4, 3), (0.0, 8)):
        model, task = tiny_model()
        model.backbone.dropout.p = 0.0
        train(model, task, tiny_feed(), strategy(mixup=mixup), settings=TrainSettings(micro_batch=size))
        ends.append(model.head.linear.weight.detach().clone())
    assert torch.equal(ends[0], ends[1])
    torch.testing.assert_close(ends[0], ends[2], rtol=1e-4, atol=1e-6)
    assert not torch.allclose(ends[0], ends[3], rtol=1e-3)


def test_features_cannot_be_blended() -> None:
    with pytest.raises(ValueError, match="mixup blends pictures"):
        mix([Batch(Features(pooled=torch.zeros(2, 3)), torch.zeros(2))], alpha=0.1, seed=0, step=0)
