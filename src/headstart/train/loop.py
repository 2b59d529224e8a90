"""The one loop: the only place where weights move by steps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor

from headstart.core.console import Progress, progress, say
from headstart.core.dataset import Indices
from headstart.core.errors import TrainingError
from headstart.core.strategy import Strategy
from headstart.models.backbone import Features, trainable_numel
from headstart.tasks.task import Model, Task, in_float32, sum_of
from headstart.train.adapter import adapted, merged_copy
from headstart.train.anchor import Anchor
from headstart.train.averaging import AverageWeights
from headstart.train.batch_size import largest_fitting, single_values_explained
from headstart.train.best import BestWeights
from headstart.train.checkpoint import Stateful, read_checkpoint
from headstart.train.curve import CurveRow, write_curve, write_events
from headstart.train.fast import FastTraining, set_layout
from headstart.train.feed import Batch, Feed, chunks_of, knowing_the_step, widest
from headstart.train.groups import parameter_groups
from headstart.train.interrupts import Interrupts
from headstart.train.mixup import Mixed, mix
from headstart.train.optimizer import build_optimizer
from headstart.train.position import Position
from headstart.train.process_state import own_process_state
from headstart.train.saving import Saver
from headstart.train.schedule import rate_factor, set_rates
from headstart.train.settings import TrainResult, TrainSettings, Validate, Validation
from headstart.train.soup import Soup
from headstart.train.state import ModelState, OptimizerState, RandomState, shape_digest
from headstart.train.thaw import Thaw

__all__ = ["TrainResult", "TrainSettings", "Validate", "Validation", "train"]

DEFAULT_BATCH = 32


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
    where the loss is no longer a finite number, and `RunError` for a checkpoint that cannot be written or is another's.
    """
    settings = settings or TrainSettings()
    if (strategy.early_stopping or strategy.soup) and validate is None:
        raise ValueError("early stopping and soups need a validation callback")
    process = own_process_state(seed=settings.seed, device=settings.device, precision=settings.precision)
    interrupts = Interrupts()
    catching = interrupts.caught() if settings.checkpoint is not None else nullcontext()
    with process as accelerator, catching, adapted(model, strategy.adapter):
        result = _Training(model, task, feed, strategy, settings, accelerator, interrupts).run(validate)
    if interrupts.interrupted:  # after the last step, where nothing asks any more
        raise KeyboardInterrupt
    return result


class _Training:
    """The state of one training: what the steps change."""

    def __init__(
        self,
        model: Model,
        task: Task,
        feed: Feed,
        strategy: Strategy,
        settings: TrainSettings,
        accelerator: Any,
        interrupts: Interrupts,
    ) -> None:
        self.model, self.task, self.feed = model, task, feed
        self.strategy, self.settings, self.accelerator, self.interrupts = strategy, settings, accelerator, interrupts
        self.device = settings.device
        self.model.to(self.device)
        set_layout(self.model, torch.channels_last)
        self.optimizer = build_optimizer(parameter_groups(model, strategy), strategy)
        self.forward = FastTraining(model, strategy, device=self.device, precision=settings.precision)
        weights = settings.class_weights
        self.class_weights = None if weights is None else weights.to(self.device)
        self.batch = min(strategy.batch_size or DEFAULT_BATCH, len(feed))
        self.total = strategy.steps or len(self.chunks(0)) * strategy.epochs
        self.epochs = -(-self.total // len(self.chunks(0)))
        self.trained_parameters = trainable_numel(model)
        self.anchor = Anchor(model, strategy.anchor) if strategy.anchor else None
        self.thaw = Thaw(model, strategy, total=self.total)
        self.soup = Soup() if strategy.soup else None
        decay = strategy.average_decay
        self.average = None if decay is None else AverageWeights(model, decay)
        self.best = BestWeights()
        self.random = RandomState(self.device)
        self.position = Position()
        self.saver = Saver(settings.checkpoint, self.parts(), belongs=self.belongs())
        # From here on the weights may be those of an earlier process; whatever needs those of the start is above.
        # What fits in memory is not asked again: gradients that add up over other parts would round differently.
        fitting = self.fitting_batch()
        if not self.continued():
            self.position.micro_batch = fitting

    def continued(self) -> bool:
        """Take over what the checkpoint holds, where there is one to go on from."""
        path = self.settings.checkpoint
        if path is None or not self.settings.resume or not path.exists():
            return False
        found = read_checkpoint(path)
        found.check(self.saver.belongs)
        found.restore(self.saver.parts)
        say(f"{self.settings.description}: continued after step {self.step} of {self.total}")
        return True

    def parts(self) -> dict[str, Stateful]:
        """All that a checkpoint has to remember; what else changes with the steps joins by a line here."""
        parts: dict[str, Stateful] = {
            "model": ModelState(self.model),
            "optimizer": OptimizerState(self.optimizer, self.model),
            "best": self.best,
            "random": self.random,
            "position": self.position,
        }
        further: dict[str, Stateful | None] = {"average": self.average, "soup": self.soup}
        return parts | {name: part for name, part in further.items() if part is not None}

    def belongs(self) -> dict[str, Any]:
        """What must be the same for a checkpoint to be one of this training."""
        return {
            **self.strategy.to_json(),
            "seed": self.settings.seed,
            "device": self.device.partition(":")[0],
            "precision": self.settings.precision,
            "patience": self.settings.patience,
            "pictures at a time": self.settings.micro_batch,
            "class weights": None if self.class_weights is None else self.class_weights.tolist(),
            "number of items": len(self.feed),
            "network": shape_digest(self.model),
        }

    def chunks(self, epoch: int) -> list[Indices]:
        """The items of each step of an epoch (from 0)."""
        join = self.strategy.normalisation == "trained"
        return chunks_of(self.feed, self.batch, seed=self.settings.seed, epoch=epoch, join_single=join)

    def fitting_batch(self) -> int:
        """As many items as fit in memory at a time, unless a number is given; features always fit."""
        with closing(self.feed.batches([widest(self.feed, 2)], epoch=0, device=self.device)) as batches:
            example = next(batches)
        self.forward.prepare(example.inputs)
        if isinstance(example.inputs, Features):
            if any(parameter.requires_grad for parameter in self.model.backbone.parameters()):
                raise ValueError("features out of the cache cannot train the backbone that they come from")
            return self.settings.micro_batch or self.batch
        if self.settings.micro_batch is not None:
            return self.settings.micro_batch

        def backward(inputs: Tensor) -> None:
            with self.accelerator.autocast():
                outputs = self.model(inputs)
            sum_of(outputs).backward()  # type: ignore[no-untyped-call]

        whole = self.strategy.contrast is not None
        return largest_fitting(self.model, example.inputs, batch=self.batch, backward=backward, whole=whole)

    @property
    def step(self) -> int:
        """Steps taken so far."""
        return self.position.step

    def run(self, validate: Validate | None) -> TrainResult:
        """All epochs, unless there is a reason to stop."""
        position = self.position
        with progress(self.total - self.step, self.settings.description, unit="steps") as bar:
            while position.chunk or not self.ended():
                self.one_epoch(bar)
                self.finish_epoch(validate)
                self.keep(within_epoch=False)
        stopped = self.reason_to_stop()
        best_epoch, soup = self.restore_best(validate)
        unwritten = write_events(position.curve, self.settings.folder)
        set_layout(self.model, torch.contiguous_format)
        self.model.eval()
        seconds = position.seconds()
        return TrainResult(
            curve=tuple(position.curve),
            steps=self.step,
            seconds=seconds,
            best_epoch=best_epoch,
            examples_per_second=position.examples / seconds,
            micro_batch=position.micro_batch,
            stopped=stopped,
            earlier_seconds=position.earlier,
            trained_parameters=self.trained_parameters,
            soup=soup,
            unwritten=unwritten,
        )

    def ended(self) -> bool:
        """Whether no further epoch follows the whole ones."""
        return self.position.epoch == self.epochs or bool(self.reason_to_stop())

    def keep(self, *, within_epoch: bool) -> None:
        """Between two steps: write a checkpoint where it is time for one, and heed Ctrl-C."""
        if self.interrupts.interrupted:
            self.saver.save()
            raise KeyboardInterrupt
        if self.interrupts.take_wish() or self.saver.due(within_epoch=within_epoch):
            self.saver.save()

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Give the model the averaged weights inside, where there is an average."""
        if self.average is not None:
            self.average.swap(self.model)
        try:
            yield
        finally:
            if self.average is not None:
                self.average.swap(self.model)

    def restore_best(self, validate: Validate | None) -> tuple[int, tuple[int, ...]]:
        """Give the model the weights that are kept; returns their (best) epoch (from 1), and those of a soup."""
        if self.average is not None:
            self.average.swap(self.model)
        if self.soup is not None and validate is not None:
            self.model.eval()
            used = self.soup.serve(self.model, lambda: validate(self.plain_model()).score)
            return used[0], used
        if not self.best:
            return self.position.epoch, ()
        self.model.load_state_dict(self.best.weights)
        return self.best.epoch, ()

    def plain_model(self) -> Model:
        """What is measured: the model, or where it has an adapter, what it will be once that is merged."""
        return self.model if self.strategy.adapter is None else merged_copy(self.model)

    def one_epoch(self, bar: Progress) -> None:
        """Take the steps of the running epoch that are not yet done."""
        position = self.position
        self.thaw.begin_epoch(position.step)
        chunks = self.chunks(position.epoch)[position.chunk :][: self.total - self.step]
        parts = [np.array_split(chunk, -(-len(chunk) // position.micro_batch)) for chunk in chunks]
        flat = [part for several in parts for part in several]
        feeding = closing(self.feed.batches(flat, epoch=position.epoch, device=self.device))
        with self.forward.running(), feeding as batches:
            for chunk, several in zip(chunks, parts, strict=True):
                loss = self.one_step([next(batches) for _ in several], len(chunk))
                position.count(len(chunk), loss=loss)
                bar.advance()
                self.keep(within_epoch=True)
                if self.out_of_time():
                    break

    def one_step(self, batches: Sequence[Batch], items: int) -> float:
        """Change the weights once, by gradients that add up over the parts of a batch; returns the mean loss."""
        self.position.rates = set_rates(self.optimizer, rate_factor(self.step, self.total, self.strategy))
        self.thaw.begin_step(self.step)
        self.optimizer.zero_grad(set_to_none=True)
        mixed = mix(knowing_the_step(batches), alpha=self.strategy.mixup, seed=self.settings.seed, step=self.step)
        total = self.forward.backward(mixed, lambda batch: self.loss(batch) * (len(batch.targets) / items))
        self.check(total)
        if self.anchor is not None:
            self.anchor.pull()
        if self.strategy.clip_norm is not None:
            self.accelerator.clip_grad_norm_(self.model.parameters(), self.strategy.clip_norm)
        self.optimizer.step()
        if self.average is not None:
            self.average.update(self.model)
        return total

    def loss(self, batch: Batch | Mixed) -> Tensor:
        """The mean loss over a part of a batch."""
        with self.accelerator.autocast(), single_values_explained():
            logits = self.model.head(batch.inputs) if isinstance(batch.inputs, Features) else self.model(batch.inputs)

        def of(targets: Any) -> Tensor:
            smoothing = self.strategy.label_smoothing
            return self.task.loss(
                in_float32(logits), targets, class_weights=self.class_weights, label_smoothing=smoothing
            )

        return batch.loss(of) if isinstance(batch, Mixed) else of(batch.targets)

    def check(self, loss: float) -> None:
        """Stop at once where the loss makes no sense any more: no later step could repair it."""
        if not math.isfinite(loss):
            rates = ", ".join(f"{rate:.3g}" for rate in self.position.rates)
            raise TrainingError(
                f"The loss became {loss} at step {self.step + 1} of {self.total} (learning rate {rates}).",
                hint="Try a learning rate ten times lower, --warm-up 0.1, --clip-norm 1, or --precision float32.",
            )

    def finish_epoch(self, validate: Validate | None) -> None:
        """Validate, remember the best weights, and write the curve."""
        position, epoch = self.position, self.position.epoch + 1
        with self.averaged():
            self.model.eval()
            found = self.interrupts.unless_interrupted(lambda: self.validation(validate))
            if found is not None and self.strategy.early_stopping:
                self.best.offer(self.model, score=found.score, epoch=epoch)
            if found is not None and self.soup is not None:
                self.soup.offer(self.model, score=found.score, epoch=epoch)
        if found is None:
            self.saver.save()
            raise KeyboardInterrupt
        loss = position.loss / position.items
        rates = tuple(position.rates)
        position.next_epoch(CurveRow(epoch, self.step, loss, rates, position.seconds(), found.measured))
        if self.settings.folder is not None:
            write_curve(position.curve, self.settings.folder)
        shown = "".join(f", {name.replace('_', ' ')} {value:.4f}" for name, value in found.measured.items())
        say(f"{self.settings.description}: epoch {epoch}/{self.epochs}, loss {loss:.4f}{shown}")

    def validation(self, validate: Validate | None) -> Validation:
        """What the callback finds; whatever randomness it uses, the steps that follow do not notice."""
        if validate is None:
            return Validation(0.0)
        before = self.random.state()
        try:
            return validate(self.plain_model())
        finally:
            self.random.restore(before)

    def reason_to_stop(self) -> str:
        """Why no further epoch follows the whole ones, or nothing; nothing, too, where all are done."""
        if self.step < self.total and self.position.epoch and self.out_of_time():
            return "time"
        waited = self.position.epoch - self.best.epoch if self.best and self.step < self.total else 0
        return "no improvement" if waited >= self.settings.patience else ""

    def out_of_time(self) -> bool:
        """Whether the clock says that this must end."""
        limit = self.settings.max_seconds
        return limit is not None and self.position.seconds() > limit
