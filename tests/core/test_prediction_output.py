"""Predictions come back from every format, whatever their names are, and are never held all at once."""

from __future__ import annotations

import csv
import io
import itertools
import json
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from headstart.core.errors import OptionError
from headstart.core.files import write_lines_atomically
from headstart.core.prediction import Prediction
from headstart.core.prediction_output import format_for, lines_of

ONE = Prediction("a.jpg", label="cat", probability=0.9, top=(("cat", 0.9), ("dog", 0.1)))
UNSURE = Prediction("b.jpg", label="", probability=0.4, top=(("dog", 0.4), ("cat", 0.35)))
BROKEN = Prediction("c.jpg", problem="not a picture")
BOTH = Prediction("d.jpg", labels=(("cat", 0.9), ("a|b\\", 0.8)), top=(("cat", 0.9),))
NONE = Prediction("e.jpg", top=(("dog", 0.2),))


def table(lines: Iterable[str]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("\n".join(lines), newline="")))


def test_csv_of_one_label() -> None:
    assert list(lines_of([ONE, UNSURE, BROKEN], format="csv")) == [
        "item,label,probability,problem",
        "a.jpg,cat,0.9,",
        "b.jpg,,0.4,",
        "c.jpg,,,not a picture",
    ]


def test_csv_with_the_best_labels() -> None:
    rows = table(lines_of([ONE, BROKEN], format="csv", top=3))
    assert [rows[0][f"label_{place}"] for place in (1, 2, 3)] == ["cat", "dog", ""]
    assert rows[0]["probability_2"] == "0.1"
    assert rows[1] == dict.fromkeys(rows[1], "") | {"item": "c.jpg", "problem": "not a picture"}


def test_csv_of_several_labels() -> None:
    assert list(lines_of([BOTH, NONE, BROKEN], format="csv", multi_label=True)) == [
        "item,labels,probabilities,problem",
        "d.jpg,cat|a\\|b\\\\,0.9|0.8,",
        "e.jpg,,,",
        "c.jpg,,,not a picture",
    ]


def test_json_lines() -> None:
    lines = [json.loads(line) for line in lines_of([ONE, UNSURE, BROKEN], format="jsonl")]
    assert lines == [
        {"item": "a.jpg", "label": "cat", "probability": 0.9},
        {"item": "b.jpg", "label": None, "probability": 0.4},
        {"item": "c.jpg", "problem": "not a picture"},
    ]
    (several,) = (json.loads(line) for line in lines_of([BOTH], format="jsonl", multi_label=True, top=2))
    assert several["labels"] == [{"label": "cat", "probability": 0.9}, {"label": "a|b\\", "probability": 0.8}]
    assert several["top"] == [{"label": "cat", "probability": 0.9}]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_is_one_list(count: int) -> None:
    found = json.loads("\n".join(lines_of([ONE] * count, format="json")))
    assert found == [{"item": "a.jpg", "label": "cat", "probability": 0.9}] * count


def test_a_probability_of_0_is_a_number() -> None:
    (line,) = lines_of([Prediction("a", label="x", probability=0.0)], format="jsonl")
    assert json.loads(line)["probability"] == 0.0


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4), st.text(min_size=1))
@example(["a,b", 'c"d', "e\nf", "g\rh", " i ", "\u82b1", "=1+1"], "ja\rnein")
@example(["\udcff"], "\ud800")
def test_any_name_comes_back(names: list[str], label: str) -> None:
    made = [Prediction(name, label=label, probability=0.5) for name in names]
    rows = table(lines_of(made, format="csv"))
    assert [(row["item"], row["label"]) for row in rows] == [(name, label) for name in names]
    lines = [line.encode("utf-8", "backslashreplace") for line in lines_of(made, format="jsonl")]
    assert [(row["item"], row["label"]) for row in map(json.loads, lines)] == [(name, label) for name in names]


@pytest.mark.parametrize("format", ["csv", "jsonl", "json"])
def test_predictions_are_taken_one_by_one(format: str, tmp_path: Path) -> None:
    endless = lines_of(itertools.repeat(ONE), format=format_for(tmp_path, given=format))
    assert len(list(itertools.islice(endless, 100))) == 100
    tracemalloc.start()
    lines = lines_of(itertools.repeat(ONE, 20_000), format=format_for(tmp_path, given=format))
    write_lines_atomically(tmp_path / "out", lines)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 300_000


def nothing() -> Iterator[Prediction]:
    raise OptionError("nothing can be answered")
    yield ONE


@pytest.mark.parametrize("task", ["", "object-detection"])
@pytest.mark.parametrize("format", ["csv", "jsonl", "json"])
def test_nothing_is_written_before_an_error(format: str, task: str, tmp_path: Path) -> None:
    with pytest.raises(OptionError):
        next(lines_of(nothing(), format=format_for(tmp_path, given=format), task=task))


def test_the_name_says_the_format() -> None:
    assert [format_for(Path(f"p.{suffix}")) for suffix in ("csv", "JSONL", "ndjson", "json")] == [
        "csv",
        "jsonl",
        "jsonl",
        "json",
    ]
    assert format_for(Path("p.txt"), given="csv") == "csv"


def test_an_unknown_format_is_an_error_with_the_way_out() -> None:
    with pytest.raises(OptionError, match=r"'p.xlsx' does not say.*\n.*\.csv"):
        format_for(Path("p.xlsx"))
    with pytest.raises(OptionError, match="Did you mean 'jsonl'"):
        format_for(Path("p.csv"), given="jsonlines")
