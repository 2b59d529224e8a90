"""A trained model and inputs -> probabilities and predictions, streamed: memory does not grow with the inputs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from headstart.artefact import TrainedModel
from headstart.core.console import progress, say
from headstart.core.dataset import Dataset, InputColumn
from headstart.core.errors import DataError
from headstart.core.prediction import Prediction
from headstart.core.runtime import cores
from headstart.data.decode import PictureError, load_pixels
from headstart.data.inputs import input_column
from headstart.features.extract import extract
from headstart.features.fast import Forward, batch_size_for, fast_forward
from headstart.features.pictures import normalise, stack_pictures
from headstart.metrics.decision import Rule, predictions, with_threshold
from headstart.models.backbone import Features
from headstart.tasks import TASKS

Probabilities = npt.NDArray[np.float32]


def probabilities(trained: TrainedModel, dataset: Dataset, *, device: str, cached: bool = False) -> Probabilities:
    """Probabilities (N, C) of every item. Raises `DataError` naming an item that can no longer be read.

    With `cached`, features come from the feature cache and go into it: right for a backbone that others use too.
    """
    if cached:
        return _from_cache(trained, dataset, device)
    answers = [np.zeros((0, len(trained.record.labels)), np.float32)]
    for batch in _stream(trained, dataset.inputs, device=device, description="predicting"):
        if batch.problems:
            raise DataError([f"{name} cannot be read: {why}" for name, why in batch.problems.items()])
        answers.append(batch.probabilities)
    return np.concatenate(answers)


def predict(
    trained: TrainedModel, inputs: Any, *, top: int = 1, threshold: float | None = None, device: str = "cpu"
) -> Iterator[Prediction]:
    """One prediction an input, in order; one that cannot be read has no label and says why."""
    record = trained.record
    rule = Rule(multi_label=record.multi_label, thresholds=record.thresholds, top=top)
    if threshold is not None:
        rule = with_threshold(rule, threshold, labels=len(record.labels))
    column, events = input_column(inputs)
    for _, reason, name in events:
        say(f"passed over: {name} ({reason})")
    return _predictions(trained, column, rule, device)


def _predictions(trained: TrainedModel, column: InputColumn, rule: Rule, device: str) -> Iterator[Prediction]:
    for batch in _stream(trained, column, device=device, description="predicting"):
        readable = [name for name in batch.names if name not in batch.problems]
        answered = predictions(readable, probabilities=batch.probabilities, labels=trained.record.labels, rule=rule)
        for name in batch.names:
            why = batch.problems.get(name)
            yield next(answered) if why is None else Prediction(name, problem=why)


@dataclass(frozen=True)
class _Batch:
    """Names of a batch, why some could not be read, and the probabilities of the others, in order."""

    names: list[str]
    problems: dict[str, str]
    probabilities: Probabilities


def _stream(trained: TrainedModel, column: InputColumn, *, device: str, description: str) -> Iterator[_Batch]:
    """Decode in threads ahead of the computation, one batch after the other."""
    record = trained.record
    forward = fast_forward(
        trained.model.backbone, facts=record.input, device=device, precision=record.precision, items=len(column)
    )
    size = batch_size_for(record.input, device)
    starts = iter(range(0, len(column), size))
    waiting: deque[Future[_Decoded]] = deque()
    with ThreadPoolExecutor(cores()) as pool, progress(len(column), description, unit="pictures") as bar:
        while True:
            for start in islice(starts, cores() + 1 - len(waiting)):
                chunk = range(start, min(start + size, len(column)))
                waiting.append(pool.submit(_decode, column, chunk, trained))
            if not waiting:
                return
            decoded = waiting.popleft().result()
            answers = _answer(trained, forward, decoded.pictures, device)
            bar.advance(len(decoded.names))
            yield _Batch(decoded.names, decoded.problems, answers)


@dataclass(frozen=True)
class _Decoded:
    names: list[str]
    problems: dict[str, str]
    pictures: list[npt.NDArray[Any]]


def _decode(column: InputColumn, chunk: range, trained: TrainedModel) -> _Decoded:
    decoded = _Decoded([], {}, [])
    for index in chunk:
        name = column.name(index)
        decoded.names.append(name)
        try:
            decoded.pictures.append(load_pixels(column.read(index), trained.record.input))
        except (PictureError, OSError) as error:
            decoded.problems[name] = str(error)
    return decoded


def _answer(trained: TrainedModel, forward: Forward, pictures: list[npt.NDArray[Any]], device: str) -> Probabilities:
    if not pictures:
        return np.zeros((0, len(trained.record.labels)), np.float32)
    inputs = normalise(torch.from_numpy(stack_pictures(pictures)).to(device), trained.record.input)
    pooled = forward(inputs)
    if trained.record.mirrored:
        pooled = (pooled + forward(inputs.flip(-1))) / 2
    return _decoded_logits(trained, pooled)


@torch.inference_mode()
def _decoded_logits(trained: TrainedModel, pooled: torch.Tensor) -> Probabilities:
    task = TASKS[trained.record.task](multi_label=trained.record.multi_label)
    head = trained.model.head.eval()
    place = next(head.parameters()).device
    answers: Probabilities = task.decode(head(Features(pooled=pooled.to(place)))).cpu().numpy()
    return answers


def _from_cache(trained: TrainedModel, dataset: Dataset, device: str) -> Probabilities:
    record = trained.record
    table = extract(
        dataset,
        trained.model.backbone,
        input=record.input,
        device=device,
        precision=record.precision,
        mirrored=record.mirrored,
    )
    answers = [np.zeros((0, len(record.labels)), np.float32)]
    answers += [_decoded_logits(trained, torch.from_numpy(np.ascontiguousarray(rows))) for rows in table.chunks(4096)]
    return np.concatenate(answers)
