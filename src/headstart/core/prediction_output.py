"""Predictions -> lines of CSV, JSON Lines or JSON, one at a time, so that any number of them takes no memory."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from headstart.core.errors import OptionError, unknown
from headstart.core.prediction import FINDINGS, Finding, Prediction

Made = TypeVar("Made")
PredictionFormat = Literal["csv", "jsonl", "json"]
FORMATS: tuple[PredictionFormat, ...] = get_args(PredictionFormat)
SUFFIXES: dict[str, PredictionFormat] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json"}


def format_for(path: Path, *, given: str | None = None) -> PredictionFormat:
    """The format that was asked for, or else the one that the file's name says. Raises `OptionError` for another."""
    if given is not None:
        if given not in FORMATS:
            raise unknown("format", given, FORMATS)
        return given
    if path.suffix.lower() not in SUFFIXES:
        raise OptionError(
            f"The name '{path.name}' does not say in which format predictions are to be written.",
            hint=f"Let it end in {', '.join(SUFFIXES)}.",
        )
    return SUFFIXES[path.suffix.lower()]


def lines_of(
    predictions: Iterable[Prediction],
    *,
    format: PredictionFormat,
    multi_label: bool = False,
    top: int = 1,
    task: str = "",
) -> Iterator[str]:
    r"""Lines without their ends, in the order of the predictions, which are taken one by one.

    CSV has a head and the columns item, label and probability; for multi-label data labels and probabilities, each
    separated by `|` (within a label it is written as `\|`). With `top` over 1 the most probable labels follow, best
    first, as label_1, probability_1 and so on. The last column says what was wrong with an input that has no answer. A
    line of CSV holds line ends where a name does. For a `task` whose answers are more than labels, CSV has a line for
    each thing that was found, and one without any for an item in which nothing was.
    """
    if task in FINDINGS:
        return _findings(predictions, task, format)
    if format == "csv":
        return _csv(predictions, multi_label=multi_label, top=top)
    objects = (_object(prediction, multi_label=multi_label, top=top) for prediction in predictions)
    texts = (json.dumps(fields, ensure_ascii=False) for fields in objects)
    return texts if format == "jsonl" else _array(texts)


def _begun(made: Iterable[Made]) -> Iterator[Made]:
    """The same, the first one made at once: where nothing can be answered, no head is written before the error."""
    rest = iter(made)
    return itertools.chain(list(itertools.islice(rest, 1)), rest)


def _findings(predictions: Iterable[Prediction], task: str, format: PredictionFormat) -> Iterator[str]:
    name, columns = FINDINGS[task]
    if format == "csv":
        return _rows_of_findings(predictions, columns)
    objects = (
        {"item": prediction.item, "problem": prediction.problem}
        if prediction.problem
        else {"item": prediction.item, name: [_rounded(finding) for finding in prediction.findings]}
        for prediction in predictions
    )
    texts = (json.dumps(fields, ensure_ascii=False) for fields in objects)
    return texts if format == "jsonl" else _array(texts)


def _rows_of_findings(predictions: Iterable[Prediction], columns: Sequence[str]) -> Iterator[str]:
    ready = _begun(predictions)
    yield _row(["item", *columns, "problem"])
    for prediction in ready:
        for finding in prediction.findings or ({},):
            cells = [finding.get(column, "") for column in columns]
            texts = [_number(cell) if isinstance(cell, float) else str(cell) for cell in cells]
            yield _row([prediction.item, *texts, prediction.problem])


def _rounded(finding: Finding) -> dict[str, Any]:
    return {name: float(_number(value)) if isinstance(value, float) else value for name, value in finding.items()}


def _csv(predictions: Iterable[Prediction], *, multi_label: bool, top: int) -> Iterator[str]:
    answer = ["labels", "probabilities"] if multi_label else ["label", "probability"]
    places = range(1, top + 1) if top > 1 else ()
    best = [f"{name}_{place}" for place in places for name in ("label", "probability")]
    ready = _begun(predictions)
    yield _row(["item", *answer, *best, "problem"])
    for prediction in ready:
        cells = _several(prediction) if multi_label else [prediction.label, _number(prediction.probability)]
        listed = [cell for label, chance in prediction.top for cell in (label, _number(chance))] if best else []
        yield _row([prediction.item, *cells, *(listed + [""] * len(best))[: len(best)], prediction.problem])


def _several(prediction: Prediction) -> list[str]:
    names = [label.replace("\\", "\\\\").replace("|", "\\|") for label, _ in prediction.labels]
    return ["|".join(names), "|".join(_number(chance) for _, chance in prediction.labels)]


def _row(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)  # with this end, a lone \r within a cell is quoted, too
    return text.getvalue()[:-2]


def _number(probability: float | None) -> str:
    """Seven digits: what a 32-bit float holds."""
    return "" if probability is None else f"{probability:.7g}"


def _object(prediction: Prediction, *, multi_label: bool, top: int) -> dict[str, Any]:
    if prediction.problem:
        return {"item": prediction.item, "problem": prediction.problem}
    fields: dict[str, Any] = {"item": prediction.item}
    if multi_label:
        fields["labels"] = _listed(prediction.labels)
    else:
        probability = prediction.probability
        fields |= {"label": prediction.label or None, "probability": probability and float(_number(probability))}
    if top > 1:
        fields["top"] = _listed(prediction.top)
    return fields


def _listed(labels: tuple[tuple[str, float], ...]) -> list[dict[str, Any]]:
    return [{"label": label, "probability": float(_number(probability))} for label, probability in labels]


def _array(texts: Iterator[str]) -> Iterator[str]:
    ready = _begun(texts)
    yield "["
    waiting = None
    for text in ready:
        if waiting is not None:
            yield waiting + ","
        waiting = text
    if waiting is not None:
        yield waiting
    yield "]"
