"""Gradients of a step: those of the plain loop, however the step is carried out."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import pytest
import timm
import torch
from torch import Tensor, nn

from headstart.core.card import Architecture, ModelCard
from headstart.core.strategy import Strategy
from headstart.models.backbone import Features
from headstart.models.timm.network import TimmBackbone, split
from headstart.tasks.image_classification import ImageClassification
from headstart.tasks.task import Model
from headstart.train import fast as fast_module
from headstart.train.fast import LEAST_PART, FastTraining, set_layout
from headstart.train.feed import Batch
from headstart.train.groups import set_modes
from headstart.train.mixup import Mixed, mix
from headstart.train.workers import Workers
from tests.models.samples import settle
from tests.train.tiny import strategy, tiny_feed, tiny_model

TASK = ImageClassification()


def real_model(name: str) -> Model:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = settle(timm.create_model(name, num_classes=5), size=32)
        body, _ = split(network, model=name)
        width = body(torch.zeros(1, 3, 32, 32)).shape[1]
        card, described = ModelCard(id=f"timm/{name}", source="timm"), Architecture(source="timm", name=name)
        backbone = TimmBackbone(body, card=card, architecture=described, width=width, head=None)
        return Model(backbone, TASK.head(backbone, 3))


def batches_of(items: int = 16, *, size: int = 32, parts: int = 1) -> list[Batch]:
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(items, 3, size, size, generator=generator)
    targets = torch.arange(items) % 3
    return [
        Batch(*pair) for pair in zip(torch.tensor_split(inputs, parts), torch.tensor_split(targets, parts), strict=True)
    ]


def gradients(
    model: Model, settings: Strategy, batches: Sequence[Batch | Mixed], *, fast: bool
) -> tuple[float, dict[str, Tensor]]:
    """The summed loss and the gradients of one step, by the module or by a loop that knows nothing of it."""
    model.train()
    if settings.normalisation == "frozen":
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
    items = sum(len(batch.targets) for batch in batches)

    def loss(batch: Batch | Mixed) -> Tensor:
        logits = model(batch.inputs)

        def of(targets: Tensor) -> Tensor:
            return TASK.loss(logits, targets)

        return (batch.loss(of) if isinstance(batch, Mixed) else of(batch.targets)) * (len(batch.targets) / items)

    total = carried_out(model, settings, batches, loss) if fast else plainly(batches, loss)
    return total, {name: value.grad for name, value in model.named_parameters() if value.grad is not None}


def carried_out(
    model: Model, settings: Strategy, batches: Sequence[Batch | Mixed], loss: Callable[[Batch | Mixed], Tensor]
) -> float:
    training = FastTraining(model, settings, device="cpu", precision="float32")
    training.prepare(batches[0].inputs)
    with training.running():
        return training.backward(batches, loss)


def plainly(batches: Sequence[Batch | Mixed], loss: Callable[[Batch | Mixed], Tensor]) -> float:
    values = [loss(batch) for batch in batches]
    total = torch.stack(values).sum()
    total.backward()  # type: ignore[no-untyped-call]
    return float(total.detach())


def assert_the_same(model: Model, settings: Strategy, batches: Sequence[Batch | Mixed]) -> None:
    """Both ways, to 1e-4 of the largest gradient of each parameter."""
    other = copy.deepcopy(model)
    wanted_loss, wanted = gradients(other, settings, batches, fast=False)
    loss, found = gradients(model, settings, batches, fast=True)
    assert loss == pytest.approx(wanted_loss, rel=1e-4)
    assert found.keys() == wanted.keys()
    largest = max(float(value.abs().max()) for value in wanted.values())
    for name, value in wanted.items():
        scale = max(float(value.abs().max()), 1e-3 * largest)
        difference = float((found[name] - value).abs().max())
        assert difference <= 1e-4 * scale, name


@pytest.fixture
def cores(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> int:
    """So many threads take part, whatever this machine has."""
    monkeypatch.setattr("headstart.features.threads.cores", lambda: request.param)
    monkeypatch.setattr(torch, "get_num_threads", lambda: request.param)
    return int(request.param)


@pytest.mark.parametrize("cores", [1, 3], indirect=True)
@pytest.mark.parametrize("name", ["test_resnet", "test_efficientnet", "test_convnext"])
def test_with_norms_that_keep_their_statistics(name: str, cores: int) -> None:
    assert_the_same(real_model(name), strategy(), batches_of())


@pytest.mark.parametrize("cores", [2], indirect=True)
def test_with_norms_that_are_trained_the_batch_is_whole(cores: int) -> None:
    model = real_model("test_resnet")
    before = {name: value.clone() for name, value in model.named_buffers()}
    assert_the_same(model, strategy(normalisation="trained"), batches_of())
    assert any(not torch.equal(value, before[name]) for name, value in model.named_buffers())


@pytest.mark.parametrize("cores", [1, 3], indirect=True)
@pytest.mark.parametrize("parts", [1, 3])
def test_with_mixup(parts: int, cores: int) -> None:
    mixed = mix(batches_of(14, parts=parts), alpha=0.4, seed=0, step=0)
    assert_the_same(real_model("test_resnet"), strategy(mixup=0.4), mixed)


@pytest.mark.parametrize("cores", [1, 2], indirect=True)
@pytest.mark.parametrize("parts", [2, 5])
def test_with_a_batch_that_comes_in_parts(parts: int, cores: int) -> None:
    model = real_model("test_resnet")
    whole = gradients(copy.deepcopy(model), strategy(), batches_of(), fast=False)[1]
    assert_the_same(model, strategy(), batches_of(parts=parts))
    for name, value in model.named_parameters():
        torch.testing.assert_close(
            value.grad, whole[name], rtol=1e-3, atol=1e-4 * float(whole[name].abs().max()) + 1e-9
        )


@pytest.mark.parametrize("cores", [2], indirect=True)
def test_frozen_weights_get_no_gradients(cores: int) -> None:
    model = real_model("test_resnet")
    model.backbone.requires_grad_(False)
    assert_the_same(model, strategy(), batches_of())
    assert all(value.grad is None for value in model.backbone.parameters())
    assert model.head.linear.weight.grad is not None


def test_gradients_add_up_over_steps() -> None:
    model, once = real_model("test_resnet"), real_model("test_resnet")
    gradients(once, strategy(), batches_of(), fast=True)
    for _ in range(2):
        gradients(model, strategy(), batches_of(), fast=True)
    ours, theirs = model.head.linear.weight.grad, once.head.linear.weight.grad
    assert ours is not None
    assert theirs is not None
    torch.testing.assert_close(ours, 2 * theirs)


@pytest.mark.parametrize(("items", "workers", "parts"), [(16, 2, 2), (16, 8, 4), (7, 4, 1), (3, 2, 1), (1, 4, 1)])
def test_no_core_gets_less_than_is_worth_it(items: int, workers: int, parts: int) -> None:
    (batch,) = batches_of(items)
    shared = fast_module._shared_out(batch, workers)
    assert len(shared) == parts
    assert min(len(part.targets) for part in shared) >= min(LEAST_PART, items)
    assert torch.equal(torch.cat([part.inputs for part in shared]), batch.inputs)
    assert torch.equal(torch.cat([part.targets for part in shared]), batch.targets)


@pytest.mark.parametrize("cores", [2], indirect=True)
def test_parts_run_side_by_side_only_where_nothing_is_random(monkeypatch: pytest.MonkeyPatch, cores: int) -> None:
    shared: list[int] = []
    original = Workers.gradients

    def watched(self: Workers, model: nn.Module, parts: list[Batch], loss: Callable[[Batch], Tensor]) -> float:
        shared.append(len(parts))
        return original(self, model, parts, loss)

    monkeypatch.setattr(Workers, "gradients", watched)
    model, _ = tiny_model()
    feed = tiny_feed(8)
    batch = [Batch(feed.inputs, feed.targets)]
    gradients(model, strategy(), batch, fast=True)
    assert shared == []  # of its dropout
    model.backbone.dropout.p = 0.0
    gradients(model, strategy(), batch, fast=True)
    assert shared == [2]


@pytest.mark.parametrize(("normalisation", "threads"), [("trained", 2), ("frozen", 1)])
def test_a_batch_that_stays_whole_has_all_cores(
    monkeypatch: pytest.MonkeyPatch, normalisation: Literal["trained", "frozen"], threads: int
) -> None:
    monkeypatch.setattr("headstart.features.threads.cores", lambda: 2)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        model, _ = tiny_model()
        model.backbone.dropout.p = 0.0
        set_modes(model, strategy(normalisation=normalisation))
        fast = FastTraining(model, strategy(normalisation=normalisation), device="cpu", precision="float32")
        with fast.running():
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)


def test_features_out_of_the_cache_are_neither_fused_nor_shared() -> None:
    model, _ = tiny_model()
    training = FastTraining(model, strategy(), device="cpu", precision="float32")
    batch = Batch(Features(pooled=torch.randn(8, 8)), torch.arange(8) % 3)
    training.prepare(batch.inputs)
    with training.running():
        assert not any("forward" in module.__dict__ for module in model.modules())
        loss = training.backward([batch], lambda part: TASK.loss(model.head(part.inputs), part.targets))
    assert np.isfinite(loss)
    assert model.head.linear.weight.grad is not None
    assert model.backbone.first[0].weight.grad is None


def test_nothing_stays_behind_when_a_step_fails() -> None:
    model = real_model("test_resnet")
    threads = torch.get_num_threads()
    training = FastTraining(model, strategy(), device="cpu", precision="float32")
    model.eval()
    training.prepare(batches_of()[0].inputs)
    fused: list[bool] = []

    def failing(batch: Batch | Mixed) -> Tensor:
        fused.append(any("forward" in module.__dict__ for module in model.modules()))
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"), training.running():
        training.backward(batches_of(), failing)
    assert all(fused)
    assert not any("forward" in module.__dict__ for module in model.modules())
    assert torch.get_num_threads() == threads


def test_the_layout_changes_no_number() -> None:
    model = real_model("test_resnet").eval()
    inputs = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        wanted = model(inputs)
        set_layout(model, torch.channels_last)
        convolution = next(module for module in model.modules() if isinstance(module, nn.Conv2d))
        assert convolution.weight.is_contiguous(memory_format=torch.channels_last)
        torch.testing.assert_close(model(inputs), wanted, rtol=1e-4, atol=1e-5)
