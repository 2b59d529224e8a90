"""The one loop: the only place where weights move by steps."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from headstart.core.console import Progress, progress, say
from headstart.core.dataset import Indices
from headstart.core.errors import TrainingError
from headstart.core.files import write_atomically
from headstart.core.runtime import Precision
from headstart.core.strategy import Strategy
from headstart.models.backbone import Features, trainable_numel
from headstart.tasks.task import Model, Task
from headstart.train.adapter import adapted, merged_copy
from headstart.train.anchor import Anchor
from headstart.train.averaging import AverageWeights
from headstart.train.batch_size import largest_fitting
from headstart.train.curve import CurveRow, write_curve, write_events
from headstart.train.feed import Batch, Feed, epoch_order, split_order
from headstart.train.groups import build_optimizer, parameter_groups
from headstart.train.mixup import Mixed, mix
from headstart.train.schedule import rate_factor, set_rates
from headstart.train.soup import Soup
from headstart.train.thaw import Thaw

DEFAULT_BATCH = 32


@dataclass(frozen=True)
class TrainSettings:
    """Everything about a training that is not how weights move.

    `micro_batch` is how many items go through the network at a time (None: as many as fit in memory); their gradients
    add up to those of the strategy's batch. `patience` is the epochs without improvement that early stopping waits.
    The clock (`max_seconds`) only aborts: the schedule is never bent to it. The curve goes into `folder`, the weights
    after each epoch into the file `checkpoint`.
    """

    seed: int = 0
    device: str = "cpu"
    precision: Precision = "float32"
    micro_batch: int | None = None
    class_weights: Tensor | None = None
    patience: int = 5
    max_seconds: float | None = None
    folder: Path | None = None
    checkpoint: Path | None = None
    description: str = "training"


@dataclass(frozen=True)
class Validation:
    """What a validation callback found: `score` (higher is better) decides, `measured` goes into the curve."""

    score: float
    measured: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainResult:
    """What a training did.

    `best_epoch` (from 1) is the one whose weights the model now has, or the best of the `soup`, the epochs that they
    are the average of. `trained_parameters` counts the numbers that moved, those of an adapter before it was merged.
    `micro_batch` is how many items went through the network at a time. `stopped` says why it ended early ("time", "no
    improvement"); empty where it did not.
    """

    curve: tuple[CurveRow, ...]
    steps: int
    seconds: float
    best_epoch: int
    examples_per_second: float
    micro_batch: int
    stopped: str = ""
    trained_parameters: int = 0
    soup: tuple[int, ...] = ()


Validate = Callable[[Model], Validation]


def train(
    model: Model,
    task: Task,
    feed: Feed,
    strategy: Strategy,
    *,
    settings: TrainSettings | None = None,
    validate: Validate | None = None,
) -> TrainResult:
    """Train the model in place as the strategy says; the same seed on the same machine gives the same weights.

    With early stopping the model ends with the weights of its best epoch, with a soup with the average of some of the
    best, otherwise with the last; with an average of the weights, that is what is meant by an epoch's weights. An
    adapter is merged into the weights at the end. The caller's random state is left as it was. Raises `TrainingError`
    where the loss is no longer a finite number.
    """
    settings = settings or TrainSettings()
    if (strategy.early_stopping or strategy.soup) and validate is None:
        raise ValueError("early stopping and soups need a validation callback")
    with _own_process_state(settings) as accelerator, adapted(model, strategy.adapter):
        return _Training(model, task, feed, strategy, settings, accelerator).run(validate)


@contextmanager
def _own_process_state(settings: TrainSettings) -> Iterator[Any]:
    """Nothing may leak of what accelerate (precision, device) and torch (generators) keep for the whole process."""
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState
    from accelerate.utils import GradientAccumulationPlugin

    AcceleratorState._reset_state(reset_partial_state=True)
    try:
        with (
            torch.random.fork_rng(range(torch.cuda.device_count())),
            torch.backends.cudnn.flags(deterministic=True, benchmark=False),
        ):
            torch.manual_seed(settings.seed)
            precision = "bf16" if settings.precision == "bfloat16" else "no"
            # Without the plugin, a variable of the environment could have it divide gradients that we add up ourselves.
            plugin = GradientAccumulationPlugin(num_steps=1)
            cpu = settings.device == "cpu"
            yield Accelerator(cpu=cpu, mixed_precision=precision, gradient_accumulation_plugin=plugin)
    finally:
        AcceleratorState._reset_state(reset_partial_state=True)


class _Training:
    """The state of one training: what the steps change."""

    def __init__(
        self, model: Model, task: Task, feed: Feed, strategy: Strategy, settings: TrainSettings, accelerator: Any
    ) -> None:
        self.model, self.task, self.feed = model, task, feed
        self.strategy, self.settings, self.accelerator = strategy, settings, accelerator
        self.device = settings.device
        self.model.to(self.device)
        set_layout(self.model, torch.channels_last)
        self.optimizer = build_optimizer(parameter_groups(model, strategy), strategy)
        weights = settings.class_weights
        self.class_weights = None if weights is None else weights.to(self.device)
        self.batch = min(strategy.batch_size or DEFAULT_BATCH, len(feed))
        self.micro_batch = self.fitting_batch()
        self.total = strategy.steps or len(self.chunks(0)) * strategy.epochs
        self.epochs = -(-self.total // len(self.chunks(0)))
        self.trained_parameters = trainable_numel(model)
        self.anchor = Anchor(model, strategy.anchor) if strategy.anchor else None
        self.thaw = Thaw(model, strategy, total=self.total)
        self.soup = Soup() if strategy.soup else None
        decay = strategy.average_decay
        self.average = None if decay is None else AverageWeights(model, decay)
        self.step = self.examples = 0
        self.rates: list[float] = []
        self.curve: list[CurveRow] = []
        self.best: tuple[float, int, dict[str, Tensor]] | None = None
        self.started = time.monotonic()

    def chunks(self, epoch: int) -> list[Indices]:
        """The items of each step of an epoch (from 0)."""
        order = epoch_order(len(self.feed), seed=self.settings.seed, epoch=epoch)
        return split_order(order, self.batch, join_single=self.strategy.normalisation == "trained")

    def fitting_batch(self) -> int:
        """As many items as fit in memory at a time, unless a number is given; features always fit."""
        with closing(self.feed.batches([np.arange(min(2, len(self.feed)))], epoch=0, device=self.device)) as batches:
            example = next(batches)
        if isinstance(example.inputs, Features):
            if any(parameter.requires_grad for parameter in self.model.backbone.parameters()):
                raise ValueError("features out of the cache cannot train the backbone that they come from")
            return self.settings.micro_batch or self.batch
        if self.settings.micro_batch is not None:
            return self.settings.micro_batch

        def backward(inputs: Tensor) -> None:
            with self.accelerator.autocast():
                loss = self.model(inputs).float().sum()
            loss.backward()

        return largest_fitting(self.model, example.inputs, batch=self.batch, backward=backward)

    def run(self, validate: Validate | None) -> TrainResult:
        """All epochs, unless there is a reason to stop."""
        stopped = ""
        with progress(self.total, self.settings.description, unit="steps") as bar:
            for epoch in range(self.epochs):
                loss = self.one_epoch(epoch, bar)
                self.finish_epoch(epoch, loss, validate)
                stopped = self.reason_to_stop(epoch)
                if stopped:
                    break
        best_epoch, soup = self.restore_best(validate)
        if self.settings.folder is not None:
            write_events(self.curve, self.settings.folder)
        set_layout(self.model, torch.contiguous_format)
        self.model.eval()
        seconds = time.monotonic() - self.started
        rate = self.examples / seconds
        return TrainResult(
            curve=tuple(self.curve),
            steps=self.step,
            seconds=seconds,
            best_epoch=best_epoch,
            examples_per_second=rate,
            micro_batch=self.micro_batch,
            stopped=stopped,
            trained_parameters=self.trained_parameters,
            soup=soup,
        )

    def restore_best(self, validate: Validate | None) -> tuple[int, tuple[int, ...]]:
        """Give the model the weights that are kept; returns their (best) epoch (from 1), and those of a soup."""
        if self.average is not None:
            self.average.swap(self.model)
        if self.soup is not None and validate is not None:
            self.model.eval()
            used = self.soup.serve(self.model, lambda: validate(self.plain_model()).score)
            return used[0], used
        if self.best is None:
            return len(self.curve), ()
        self.model.load_state_dict(self.best[2])
        return self.best[1], ()

    def plain_model(self) -> Model:
        """What is measured: the model, or where it has an adapter, what it will be once that is merged."""
        return self.model if self.strategy.adapter is None else merged_copy(self.model)

    def one_epoch(self, epoch: int, bar: Progress) -> float:
        """Take the steps of one epoch (from 0) and return the mean loss over its items."""
        self.thaw.begin_epoch(self.step)
        chunks = self.chunks(epoch)[: self.total - self.step]
        parts = [np.array_split(chunk, -(-len(chunk) // self.micro_batch)) for chunk in chunks]
        flat = [part for several in parts for part in several]
        loss, seen = 0.0, 0
        with closing(self.feed.batches(flat, epoch=epoch, device=self.device)) as batches:
            for chunk, several in zip(chunks, parts, strict=True):
                loss += self.one_step([next(batches) for _ in several], len(chunk)) * len(chunk)
                seen += len(chunk)
                bar.advance()
                if self.out_of_time():
                    break
        self.examples += seen
        return loss / seen

    def one_step(self, batches: Sequence[Batch], items: int) -> float:
        """Change the weights once, by gradients that add up over the parts of a batch; returns the mean loss."""
        self.rates = set_rates(self.optimizer, rate_factor(self.step, self.total, self.strategy))
        self.thaw.begin_step(self.step)
        self.optimizer.zero_grad(set_to_none=True)
        total = 0.0
        for batch in mix(batches, alpha=self.strategy.mixup, seed=self.settings.seed, step=self.step):
            with self.accelerator.autocast():
                logits = (
                    self.model.head(batch.inputs) if isinstance(batch.inputs, Features) else self.model(batch.inputs)
                )
            loss = self.loss(logits.float(), batch) * (len(batch.targets) / items)
            self.accelerator.backward(loss)
            total += loss.item()
        self.check(total)
        if self.anchor is not None:
            self.anchor.pull()
        if self.strategy.clip_norm is not None:
            self.accelerator.clip_grad_norm_(self.model.parameters(), self.strategy.clip_norm)
        self.optimizer.step()
        self.step += 1
        if self.average is not None:
            self.average.update(self.model)
        return total

    def loss(self, logits: Tensor, batch: Batch | Mixed) -> Tensor:
        """The mean loss of a part of a batch."""

        def of(targets: Tensor) -> Tensor:
            smoothing = self.strategy.label_smoothing
            return self.task.loss(logits, targets, class_weights=self.class_weights, label_smoothing=smoothing)

        return batch.loss(of) if isinstance(batch, Mixed) else of(batch.targets)

    def check(self, loss: float) -> None:
        """Stop at once where the loss makes no sense any more: no later step could repair it."""
        if not math.isfinite(loss):
            rates = ", ".join(f"{rate:.3g}" for rate in self.rates)
            raise TrainingError(
                f"The loss became {loss} at step {self.step + 1} of {self.total} (learning rate {rates}).",
                hint="Try a learning rate ten times lower, --warm-up 0.1, --clip-norm 1, or --precision float32.",
            )

    def finish_epoch(self, epoch: int, loss: float, validate: Validate | None) -> None:
        """Validate, remember the best weights, and write what a crash must not lose."""
        if self.average is not None:
            self.average.swap(self.model)
        self.model.eval()
        found = Validation(0.0) if validate is None else validate(self.plain_model())
        seconds = time.monotonic() - self.started
        self.curve.append(CurveRow(epoch + 1, self.step, loss, tuple(self.rates), seconds, found.measured))
        if self.strategy.early_stopping and (self.best is None or found.score > self.best[0]):
            weights = {name: value.detach().clone() for name, value in self.model.state_dict().items()}
            self.best = (found.score, epoch + 1, weights)
        if self.soup is not None:
            self.soup.offer(self.model, score=found.score, epoch=epoch + 1)
        if self.settings.folder is not None:
            write_curve(self.curve, self.settings.folder)
        if self.settings.checkpoint is not None:
            write_weights(self.model, self.settings.checkpoint)
        if self.average is not None:
            self.average.swap(self.model)
        shown = "".join(f", {name.replace('_', ' ')} {value:.4f}" for name, value in found.measured.items())
        say(f"{self.settings.description}: epoch {epoch + 1}/{self.epochs}, loss {loss:.4f}{shown}")

    def reason_to_stop(self, epoch: int) -> str:
        """Why no further epoch follows this one (from 0), or nothing."""
        if self.out_of_time():
            return "time"
        if self.best is not None and epoch + 1 - self.best[1] >= self.settings.patience:
            return "no improvement"
        return ""

    def out_of_time(self) -> bool:
        """Whether the clock says that this must end."""
        limit = self.settings.max_seconds
        return limit is not None and time.monotonic() - self.started > limit


def set_layout(model: Model, layout: torch.memory_format) -> None:
    """Lay out the weights of convolutions; channels-last is what the convolution kernels are fastest with."""
    if any(parameter.ndim == 4 for parameter in model.parameters()):
        model.to(memory_format=layout)


def write_weights(model: Model, path: Path) -> None:
    """Write all weights and buffers as one safetensors file."""
    from safetensors.torch import save

    weights = {name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}
    write_atomically(path, save(weights))
