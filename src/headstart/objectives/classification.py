"""Learning the labels of pictures: a network of timm, trained from scratch."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from headstart import models
from headstart.core.card import InputFacts
from headstart.core.dataset import Dataset, Part
from headstart.core.errors import ModelError, OptionError
from headstart.core.modality import Modality
from headstart.core.pretraining import PretrainOptions, PretrainRecord
from headstart.models.cards.model_card import model_card
from headstart.tasks.classification import PooledLinear
from headstart.tasks.image_classification import ImageClassification
from headstart.tasks.task import Model
from headstart.train.feed import Feed, split_order
from headstart.train.picture_feed import PictureFeed, PictureSettings
from headstart.train.pretrain import picture_sizes

MEASURED_AT_ONCE = 128


class Pictures:
    """A network, the pictures that it learns from, and those that it is measured on."""

    def __init__(self, dataset: Dataset, options: PretrainOptions) -> None:
        _check(dataset, options)
        self.task = ImageClassification()
        self.model = _fresh_model(dataset, options)
        self.labels = len(dataset.labels)
        self._dataset, self._options = dataset, options
        self._facts = _facts(self.model)
        training = dataset.part(Part.TRAIN, Part.VALIDATION)
        pictures = PictureSettings(self._facts, options.augmentation, seed=options.seed, sizes=picture_sizes(options))
        self.feed: Feed = PictureFeed(training.inputs, training.targets, pictures)
        held_out = dataset.part(Part.TEST)
        self._held_out = PictureFeed(held_out.inputs, held_out.targets, PictureSettings(self._facts, memory_share=0.1))

    def measure(self, model: Callable[[Tensor], Tensor], *, device: str) -> dict[str, float]:
        """Accuracy and log loss on the held-out pictures."""
        return _measure(model, self._held_out, device) if len(self._held_out) else {}

    def write(self, folder: Path) -> None:
        """A folder in the form that timm's `local-dir:`, and Headstart, load."""
        from headstart.models.timm.folder import SourceTask, write_folder  # with timm, which needs a pair that fits

        name = self._options.data_name or Path(self._dataset.source).name
        source = SourceTask(self._dataset.labels, data=name, licence=self._options.licence)
        head = self.model.head
        assert isinstance(head, PooledLinear)
        write_folder(folder, self.model.backbone, weight=head.linear.weight, bias=head.linear.bias, task=source)

    def saved_accuracy(self, folder: Path, *, device: str) -> float | None:
        """The share of pictures whose most probable label is theirs; None of no pictures."""
        backbone = models.load(str(folder.absolute())).to(device)

        def logits(inputs: Tensor) -> Tensor:
            pooled = backbone(inputs).pooled
            found = None if pooled is None else backbone.source_logits(pooled)
            if found is None:
                raise ModelError(f"{folder} was saved without a head that gives logits.")
            return found

        return self.measure(logits, device=device).get("accuracy")

    def card(self, record: PretrainRecord, *, name: str) -> str:
        """The page that goes with the model."""
        return model_card(record, name=name, facts=self._facts)


class Classification:
    """For pictures with one label each."""

    modality: Modality = "image"

    def begin(self, dataset: Dataset, options: PretrainOptions) -> Pictures:
        """Raises `ModelError` for an architecture that cannot be had."""
        return Pictures(dataset, options)


def _check(dataset: Dataset, options: PretrainOptions) -> None:
    problems = []
    if dataset.multi_label:
        problems.append("Pretraining needs data with one label a picture; these have any number.")
    if options.start_size is not None and options.augmentation not in ("crop", "strong"):
        problems.append(f"--start-size needs --augmentation crop or strong; '{options.augmentation}' keeps the size.")
    if problems:
        raise OptionError(problems)


def _fresh_model(dataset: Dataset, options: PretrainOptions) -> Model:
    from headstart.models.timm.folder import fresh

    classes = len(dataset.labels)
    with torch.random.fork_rng([]):
        torch.manual_seed(options.seed)
        name, arguments = options.architecture or "", options.architecture_args
        backbone = fresh(name, arguments=arguments, size=options.image_size, classes=classes)
        model = Model(backbone, ImageClassification().head(backbone, classes))
    if options.start_size is not None and _facts(model).fixed_size:
        raise OptionError(f"{options.architecture} takes pictures of one size only: leave out --start-size.")
    return model


def _facts(model: Model) -> InputFacts:
    facts = model.backbone.card.input
    return facts if isinstance(facts, InputFacts) else InputFacts()


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


OBJECTIVE = Classification()
