"""Items -> what a trained model says of them: every network runs once, and all views share what it gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from headstart.artefact import TrainedModel
from headstart.core.dataset import Dataset
from headstart.core.runtime import Precision
from headstart.core.strategy import STRUCTURED_METRICS
from headstart.core.view import View
from headstart.data.text import Text, text_of
from headstart.features.extract import extract
from headstart.features.fast import Forward, fast_forward
from headstart.features.key import Kind
from headstart.features.preparation import preparation_of
from headstart.features.table import FeatureTable, LastColumns, SideBySide
from headstart.features.words import BagOfWords
from headstart.metrics.temperature import tempered
from headstart.models.backbone import Features
from headstart.tasks import TASKS
from headstart.tasks.structured import StructuredTask
from headstart.tasks.task import in_float32

Probabilities = npt.NDArray[np.float32]
ROWS_AT_ONCE = 4096


class Answers:
    """A trained model, ready to answer batches of items; threads may share it."""

    def __init__(self, trained: TrainedModel, *, device: str, items: int) -> None:
        """`items` is about how many will come: for very few, nothing is rewritten for speed."""
        self._trained, self._device = trained, device
        record = trained.record
        self.preparation = preparation_of(trained.networks[0], record.input)
        self._forwards: dict[int, Forward] = {
            place: fast_forward(
                trained.networks[place],
                facts=record.input,
                device=device,
                precision=precision_of(trained, place),
                items=items,
                kind=kind_of(trained, place),
            )
            for place in sorted({place for view in record.views for place in view.networks})
        }

    @property
    def none(self) -> Probabilities:
        """The answer to no picture at all, (0, C)."""
        return np.zeros((0, len(self._trained.record.labels)), np.float32)

    @property
    def reads_words(self) -> bool:
        """Whether a view needs the texts themselves."""
        return any(not view.networks for view in self._trained.record.views)

    def __call__(self, items: Sequence[Any], *, raws: Sequence[Any] = ()) -> Probabilities:
        """Probabilities (N, C) of items that `preparation` made ready, such as pictures (H, W, channels).

        `raws` are the items as they are stored, for views that read words.
        """
        if not len(items):
            return self.none
        batches = self.preparation.batches(items, device=self._device)
        texts = [text_of(raw) for raw in raws] if self.reads_words else []
        chosen = (([items[place] for place in batch], [texts[place] for place in batch if texts]) for batch in batches)
        found = np.concatenate([self._batch(*each) for each in chosen])
        order = np.concatenate(batches)
        answers = np.empty_like(found)
        answers[order] = found
        return answers

    def _batch(self, items: Sequence[Any], texts: Sequence[Text]) -> Probabilities:
        inputs = self.preparation.collate(items, device=self._device)

        @lru_cache
        def features(place: int, mirrored: bool) -> Tensor:
            plain = self._forwards[place](inputs) if not mirrored else features(place, False)
            return (plain + self._forwards[place](inputs.flip(-1))) / 2 if mirrored else plain

        def of_view(view: View) -> Tensor:
            if not view.networks:
                return words_of(self._trained, view).rows(texts)
            parts = [features(place, view.mirrored) for place in view.networks]
            if not view.stages:
                widths = [self._trained.networks[place].width for place in view.networks]
                parts = [part[:, -width:] for part, width in zip(parts, widths, strict=True)]
            return torch.cat(parts, dim=1) if len(parts) > 1 else parts[0]

        return averaged(self._trained, of_view)


class StructuredAnswers:
    """A trained model of a task whose targets are more than labels, ready to answer batches; threads may share it."""

    reads_words = False

    def __init__(self, trained: TrainedModel, *, device: str) -> None:
        record = trained.record
        self._device, self._lowered = device, record.precision == "bfloat16"
        self._model = trained.model.to(device).eval()
        if any(parameter.ndim == 4 for parameter in self._model.parameters()):
            self._model.to(memory_format=torch.channels_last)
        self.task = structured_task(record.task)
        self.preparation = preparation_of(trained.networks[0], record.input, task=record.task)

    @property
    def none(self) -> list[Any]:
        """The answer to no item at all."""
        return []

    @torch.inference_mode()
    def __call__(self, items: Sequence[Any], *, raws: Sequence[Any] = ()) -> list[Any]:
        """An answer for each of the items that `preparation` made ready; what an answer is, the task decides."""
        del raws
        answers: dict[int, Any] = {}
        for batch in self.preparation.batches(items, device=self._device):
            chosen = [items[place] for place in batch]
            inputs = self.preparation.collate(chosen, device=self._device)
            if inputs.ndim == 4 and inputs.is_floating_point():
                inputs = inputs.contiguous(memory_format=torch.channels_last)
            with torch.autocast(self._device.partition(":")[0], torch.bfloat16, enabled=self._lowered):
                outputs = self._model(inputs)
            found = self.task.decode(in_float32(outputs), chosen)
            answers |= dict(zip(map(int, batch), found, strict=True))
        return [answers[place] for place in range(len(items))]


def structured_task(name: str) -> StructuredTask:
    """The task of this name. Raises `ValueError` for one whose targets are labels."""
    task: Any = TASKS[name]()
    if name not in STRUCTURED_METRICS:
        raise ValueError(f"the targets of {name} are labels")
    found: StructuredTask = task
    return found


def cached_probabilities(trained: TrainedModel, dataset: Dataset, *, device: str) -> Probabilities:
    """Probabilities (N, C) of every item, from features that come from the cache and go into it."""
    views = [view for view in trained.record.views if view.networks]
    tables = [view_table(trained, view, dataset, device=device) for view in views]
    answers = [np.zeros((0, len(trained.record.labels)), np.float32)]
    for start in range(0, len(dataset), ROWS_AT_ONCE):
        indices = np.arange(start, min(start + ROWS_AT_ONCE, len(dataset)), dtype=np.int64)
        rows = {
            view: torch.from_numpy(np.ascontiguousarray(table.rows(indices)))
            for view, table in zip(views, tables, strict=True)
        }
        for view in (view for view in trained.record.views if not view.networks):
            rows[view] = words_of(trained, view).rows([text_of(dataset.inputs.read(int(index))) for index in indices])
        answers.append(averaged(trained, rows.__getitem__))
    return np.concatenate(answers)


def words_of(trained: TrainedModel, view: View) -> BagOfWords:
    """The head of a view without networks."""
    head = trained.heads[trained.record.views.index(view)]
    assert isinstance(head, BagOfWords)
    return head


def view_table(trained: TrainedModel, view: View, dataset: Dataset, *, device: str) -> FeatureTable:
    """The features that a view's head takes, of every item."""
    record = trained.record
    tables: list[FeatureTable] = []
    for place in view.networks:
        network, kind = trained.networks[place], kind_of(trained, place)
        table = extract(
            dataset,
            network,
            input=record.input,
            device=device,
            precision=precision_of(trained, place),
            mirrored=view.mirrored,
            kind=kind,
        )
        tables.append(LastColumns(table, network.width) if kind == "stages" and not view.stages else table)
    return SideBySide(tables) if len(tables) > 1 else tables[0]


def kind_of(trained: TrainedModel, place: int) -> Kind:
    """Which features the network in this place has to give so that all views on it are served."""
    return "stages" if any(view.stages for view in trained.record.views if place in view.networks) else "pooled"


def precision_of(trained: TrainedModel, place: int) -> Precision:
    """The precision of the network in this place."""
    return trained.record.networks[place].precision or trained.record.precision


@torch.inference_mode()
def averaged(trained: TrainedModel, features: Callable[[View], Tensor]) -> Probabilities:
    """The weighted mean (N, C) of what the views' heads make of their features, at the record's temperature."""
    task = TASKS[trained.record.task](multi_label=trained.record.multi_label)
    views = trained.record.views
    total = sum(view.weight for view in views)
    answer: Tensor | None = None
    for view, head in zip(views, trained.heads, strict=True):
        place = next(head.parameters()).device
        part = task.decode(head(Features(pooled=features(view).to(place)))) * (view.weight / total)
        answer = part if answer is None else answer + part
    assert answer is not None
    return tempered(answer.cpu().numpy(), trained.record.temperature, multi_label=trained.record.multi_label)
