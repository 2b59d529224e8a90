"""A large labelled data set -> a pretrained model: step one of transfer learning, with the loop of every other step."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from headstart import models
from headstart.core.card import InputFacts
from headstart.core.compatibility import check_torch_pair
from headstart.core.dataset import Dataset, Part
from headstart.core.errors import DataError, ModelError, OptionError
from headstart.core.files import write_atomically
from headstart.core.modality import nouns
from headstart.core.pretraining import PretrainOptions, PretrainRecord
from headstart.core.run_record import CHECKPOINT
from headstart.core.runtime import environment, resolve_device, resolve_precision
from headstart.models.model_card import model_card
from headstart.tasks.classification import PooledLinear
from headstart.tasks.image_classification import ImageClassification
from headstart.tasks.task import Model
from headstart.train.feed import split_order
from headstart.train.loop import TrainResult, TrainSettings, Validation, train
from headstart.train.picture_feed import PictureFeed, PictureSettings
from headstart.train.pretrain import picture_sizes, pretraining_strategy

MEASURED_AT_ONCE = 128


PRETRAINED = ("image",)
"""What an architecture can be pretrained on, so far."""


def pretrain(dataset: Dataset, *, folder: Path, options: PretrainOptions) -> PretrainRecord:
    """Train an architecture from scratch and save it so that `timm`'s `local-dir:`, and Headstart, load it.

    Every item outside the test part is trained on; the test part is measured after each epoch but decides nothing.
    What the folder holds of a training that was interrupted is gone on with. Raises `OptionError` for options that do
    not go together, `DataError` for texts, and `ModelError` for an architecture that cannot be had.
    """
    check_torch_pair()
    from headstart.models.timm_folder import SourceTask, write_folder  # with timm, which needs a pair that fits

    started = time.monotonic()
    if dataset.modality not in PRETRAINED:
        raise DataError(
            f"{dataset.source} holds {nouns(dataset.modality)}; headstart pretrain takes pictures.",
            hint="headstart fit --strategy scratch trains an encoder of texts from a fresh start.",
        )
    _check(dataset, options)
    device = resolve_device(options.device)
    precision = resolve_precision(options.precision, device)
    model = _fresh_model(dataset, options)
    held_out = dataset.part(Part.TEST)
    facts = _facts(model)
    settings = TrainSettings(
        seed=options.seed,
        device=device,
        precision=precision,
        max_seconds=None if options.max_minutes is None else 60 * options.max_minutes,
        folder=folder,
        checkpoint=folder / CHECKPOINT,
        resume=True,
        description="pretraining",
    )
    trained = _train(model, dataset, options, settings)
    folder_name = Path(dataset.source).name
    source = SourceTask(dataset.labels, data=options.data_name or folder_name, licence=options.licence)
    head = model.head
    assert isinstance(head, PooledLinear)
    write_folder(folder, model.backbone, weight=head.linear.weight, bias=head.linear.bias, task=source)
    record = PretrainRecord(
        options=options,
        source=folder_name,
        labels=len(dataset.labels),
        items={"train": len(dataset) - len(held_out), "held out": len(held_out)},
        held_out=dataset.given_parts[-1] if len(dataset.given_parts) > 1 else "set aside by content",
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        epochs=len(trained.curve),
        steps=trained.steps,
        accuracy=saved_accuracy(folder, held_out, facts=facts, device=device),
        stopped=trained.stopped,
        seconds=round(time.monotonic() - started + trained.earlier_seconds, 1),
        examples_per_second=round(trained.examples_per_second, 1),
        environment=environment(device, precision),
    )
    write_atomically(folder / "MODEL_CARD.md", model_card(record, name=folder.name, facts=facts).encode())
    record.write(folder / "pretraining.json")
    (folder / CHECKPOINT).unlink(missing_ok=True)
    return record


def saved_accuracy(folder: Path, dataset: Dataset, *, facts: InputFacts, device: str = "cpu") -> float | None:
    """The share of items whose most probable label is theirs, by the model that the folder holds; None of no items."""
    backbone = models.load(str(folder.absolute())).to(device)

    def logits(inputs: Tensor) -> Tensor:
        pooled = backbone(inputs).pooled
        found = None if pooled is None else backbone.source_logits(pooled)
        if found is None:
            raise ModelError(f"{folder} was saved without a head that gives logits.")
        return found

    return _measure(logits, _held_out_feed(dataset, facts), device)["accuracy"] if len(dataset) else None


def _check(dataset: Dataset, options: PretrainOptions) -> None:
    problems = []
    if dataset.multi_label:
        problems.append("Pretraining needs data with one label a picture; these have any number.")
    if options.start_size is not None and options.augmentation not in ("crop", "strong"):
        problems.append(f"--start-size needs --augmentation crop or strong; '{options.augmentation}' keeps the size.")
    if problems:
        raise OptionError(problems)


def _fresh_model(dataset: Dataset, options: PretrainOptions) -> Model:
    from headstart.models.timm_folder import fresh

    classes = len(dataset.labels)
    with torch.random.fork_rng([]):
        torch.manual_seed(options.seed)
        arguments = options.architecture_args
        backbone = fresh(options.architecture, arguments=arguments, size=options.image_size, classes=classes)
        model = Model(backbone, ImageClassification().head(backbone, classes))
    if options.start_size is not None and _facts(model).fixed_size:
        raise OptionError(f"{options.architecture} takes pictures of one size only: leave out --start-size.")
    return model


def _facts(model: Model) -> InputFacts:
    facts = model.backbone.card.input
    return facts if isinstance(facts, InputFacts) else InputFacts()


def _train(model: Model, dataset: Dataset, options: PretrainOptions, settings: TrainSettings) -> TrainResult:
    facts = _facts(model)
    training = dataset.part(Part.TRAIN, Part.VALIDATION)
    pictures = PictureSettings(facts, options.augmentation, seed=options.seed, sizes=picture_sizes(options))
    feed = PictureFeed(training.inputs, training.targets, pictures)
    held_out = _held_out_feed(dataset.part(Part.TEST), facts)

    def validate(model: Model) -> Validation:
        found = _measure(model, held_out, settings.device) if len(held_out) else {}
        return Validation(found.get("accuracy", 0.0), {f"validation_{name}": value for name, value in found.items()})

    strategy = pretraining_strategy(options)
    return train(model, ImageClassification(), feed, strategy, settings=settings, validate=validate)


def _held_out_feed(dataset: Dataset, facts: InputFacts) -> PictureFeed:
    return PictureFeed(dataset.inputs, dataset.targets, PictureSettings(facts, memory_share=0.1))


@torch.inference_mode()
def _measure(logits: Callable[[Tensor], Tensor], feed: PictureFeed, device: str) -> dict[str, float]:
    """Accuracy and log loss over a feed."""
    right, loss = 0, 0.0
    with closing(feed.batches(split_order(np.arange(len(feed)), MEASURED_AT_ONCE), epoch=0, device=device)) as batches:
        for batch in batches:
            assert isinstance(batch.inputs, Tensor)
            found = logits(batch.inputs).float()
            right += int((found.argmax(1) == batch.targets).sum())
            loss += float(functional.cross_entropy(found, batch.targets, reduction="sum"))
    return {"accuracy": right / len(feed), "log_loss": loss / len(feed)}
