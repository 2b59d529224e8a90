"""A trained model and inputs -> probabilities and predictions, streamed: memory does not grow with the inputs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from headstart.answering import Answers, Probabilities, StructuredAnswers, cached_probabilities, structured_task
from headstart.artefact import TrainedModel
from headstart.core.allocator import kept_memory
from headstart.core.console import progress, say
from headstart.core.dataset import Dataset, InputColumn
from headstart.core.errors import DataError, OptionError
from headstart.core.modality import nouns
from headstart.core.prediction import Prediction
from headstart.core.run_record import ModelRecord
from headstart.core.runtime import cores
from headstart.core.strategy import STRUCTURED_METRICS
from headstart.data.looking import UNLABELLED
from headstart.data.reader import ReadOptions
from headstart.data.text import is_pair
from headstart.data.whole_picture import whole_picture
from headstart.features.computing import compute_threads
from headstart.figures.overlay import Overlays
from headstart.metrics.decision import Rule, check_threshold, predictions, with_threshold

OTHER_KIND = {
    True: "a single text, and the model was trained on pairs of texts",
    False: "a pair of texts, and the model was trained on single ones",
}
"""What is wrong with an item, by whether the model takes pairs."""
_READ = ReadOptions()


def probabilities(trained: TrainedModel, dataset: Dataset, *, device: str, cached: bool = False) -> Probabilities:
    """Probabilities (N, C) of every item. Raises `DataError` naming an item that can no longer be read.

    With `cached`, features come from the feature cache and go into it: right for a backbone that others use too.
    """
    if cached:
        return cached_probabilities(trained, dataset, device=device)
    answers = [np.zeros((0, len(trained.record.labels)), np.float32)]
    for batch in _stream(trained, dataset.inputs, device=device, description="predicting"):
        batch.check()
        answers.append(batch.answers)
    return np.concatenate(answers)


def structured_answers(trained: TrainedModel, dataset: Dataset, *, device: str) -> list[Any]:
    """What the model says of every item, as its task puts it. Raises `DataError` naming an unreadable item."""
    answers: list[Any] = []
    for batch in _stream(trained, dataset.inputs, device=device, description="predicting"):
        batch.check()
        answers += batch.answers
    return answers


def predict(
    trained: TrainedModel,
    inputs: Any,
    *,
    top: int = 1,
    threshold: float | None = None,
    device: str = "cpu",
    draw: Path | None = None,
    reading: ReadOptions = _READ,
) -> Iterator[Prediction]:
    """One prediction an input, in order; one that cannot be read has no label and says why.

    `reading` names the columns of tables. With `draw`, what is found in pictures is drawn onto them, into that folder.
    """
    if threshold is not None:
        check_threshold(threshold)
    record = trained.record
    column, events = UNLABELLED[trained.modality].column(inputs, reading)
    for _, reason, name in events:
        say(f"passed over: {name} ({reason})")
    if record.task in STRUCTURED_METRICS:
        if top != 1:
            raise OptionError(f"--top is for labels; '{record.task}' gives all that it finds.")
        return _structured(trained, column, threshold, device, _overlays(draw, trained))
    if draw is not None:
        raise _nothing_to_draw(record.task)
    rule = Rule(multi_label=record.multi_label, thresholds=record.thresholds, top=top)
    if threshold is not None:
        rule = with_threshold(rule, threshold, labels=len(record.labels))
    return _predictions(trained, column, rule, device)


def _predictions(trained: TrainedModel, column: InputColumn, rule: Rule, device: str) -> Iterator[Prediction]:
    for batch in _stream(trained, column, device=device, description="predicting"):
        readable = [name for name, why in zip(batch.names, batch.problems, strict=True) if why is None]
        answered = predictions(readable, probabilities=batch.answers, labels=trained.record.labels, rule=rule)
        for name, why in zip(batch.names, batch.problems, strict=True):
            yield next(answered) if why is None else Prediction(name, problem=why)


def _structured(
    trained: TrainedModel, column: InputColumn, threshold: float | None, device: str, overlays: Overlays | None
) -> Iterator[Prediction]:
    task, labels = structured_task(trained.record.task), trained.record.labels
    for batch in _stream(trained, column, device=device, description="predicting"):
        answered = zip(batch.answers, batch.raws, strict=True)
        for name, why in zip(batch.names, batch.problems, strict=True):
            if why is not None:
                yield Prediction(name, problem=why)
                continue
            answer, raw = next(answered)
            told = task.prediction(name, answer, raw, labels=labels, threshold=threshold)
            if overlays is not None:
                overlays.write(told, whole_picture(raw))
            yield told


def _overlays(folder: Path | None, trained: TrainedModel) -> Overlays | None:
    if folder is None:
        return None
    if trained.modality != "image":
        raise _nothing_to_draw(trained.record.task)
    return Overlays(folder, trained.record.labels)


def _nothing_to_draw(task: str) -> OptionError:
    return OptionError(f"--draw is for what is found in pictures, boxes or classes of pixels; the run is of {task}.")


@dataclass(frozen=True)
class _Batch:
    """Items, each with its name (which others may have, too) and why it could not be read (None where it could).

    The answers are for those that could, in order: probabilities (N, C), or where targets are more than labels a list,
    beside which stand the `raws`.
    """

    names: list[str]
    problems: list[str | None]
    answers: Any
    raws: list[Any]

    def check(self) -> None:
        """Raise `DataError` with all that could not be read."""
        wrong = [(name, why) for name, why in zip(self.names, self.problems, strict=True) if why is not None]
        if wrong:
            raise DataError([f"{name} cannot be read: {why}" for name, why in wrong])


def _stream(trained: TrainedModel, column: InputColumn, *, device: str, description: str) -> Iterator[_Batch]:
    """Decode in threads ahead of the computation, which runs in threads of its own, one batch each."""
    answers: Answers | StructuredAnswers
    if trained.record.task in STRUCTURED_METRICS:
        answers = StructuredAnswers(trained, device=device)
    else:
        answers = Answers(trained, device=device, items=len(column))
    size = answers.preparation.at_once(device)
    starts = iter(range(0, len(column), size))
    waiting: deque[Future[_Batch]] = deque()

    def run(decoding: Future[_Decoded]) -> _Batch:
        decoded = decoding.result()
        return _Batch(decoded.names, decoded.problems, answers(decoded.items, raws=decoded.raws), decoded.raws)

    with (
        kept_memory(),
        ThreadPoolExecutor(cores(), "headstart-decode") as decoders,
        compute_threads(device) as (pool, workers),
        progress(len(column), description, unit=nouns(trained.modality)) as bar,
    ):
        try:
            while True:
                for start in islice(starts, cores() + workers - len(waiting)):
                    chunk = range(start, min(start + size, len(column)))
                    waiting.append(pool.submit(run, decoders.submit(_decode, column, chunk, answers, trained.record)))
                if not waiting:
                    return
                batch = waiting.popleft().result()
                bar.advance(len(batch.names))
                yield batch
        finally:
            decoders.shutdown(wait=False, cancel_futures=True)
            pool.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True)
class _Decoded:
    names: list[str]
    problems: list[str | None]
    items: list[Any]
    raws: list[Any]


def _decode(column: InputColumn, chunk: range, answers: Answers | StructuredAnswers, record: ModelRecord) -> _Decoded:
    decoded = _Decoded([], [], [], [])
    for index in chunk:
        decoded.names.append(column.name(index))
        try:
            raw = column.read(index)
            if record.pairs is not None and record.pairs != is_pair(raw):
                raise DataError(OTHER_KIND[record.pairs])
            decoded.items.extend(answers.preparation.prepare([raw]))
            if answers.reads_words or isinstance(answers, StructuredAnswers):
                decoded.raws.append(raw)
        except (DataError, OSError) as error:
            decoded.problems.append(str(error))
        else:
            decoded.problems.append(None)
    return decoded
