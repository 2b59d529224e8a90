"""An evaluation fits the terminal and says everything that a person needs."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from rich.cells import cell_len

from headstart.cli.evaluation_text import evaluation_text, printable
from headstart.core.evaluation import Evaluation
from headstart.metrics.evaluate import measure
from tests.metrics.outcomes import several, single


@functools.cache
def made(classes: int, *, items: int = 400, name: str = "class", grouped: bool = False) -> Evaluation:
    labels = [f"{name} {index}" for index in range(classes)]
    groups = np.arange(items) % 50 if grouped else None
    names = [f"patient {index}" for index in range(50)] if grouped else ()
    return measure(*single(items, classes=classes, signal=2), labels, groups=groups, group_names=names)


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("classes", [2, 5, 12, 20, 60])
@pytest.mark.parametrize("name", ["c", "\u82b1\u306e\u540d\u524d", "a very long name of a class, with commas, " * 2])
def test_no_line_is_wider_than_the_terminal(width: int, classes: int, name: str) -> None:
    text = evaluation_text(made(classes, name=name, grouped=True), width=width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert not any(line != line.rstrip() for line in text.splitlines())


def test_numbers_have_their_intervals() -> None:
    evaluation = made(3)
    (line,) = (line for line in evaluation_text(evaluation, width=80).splitlines() if line.startswith("accuracy"))
    low, high = evaluation.intervals["accuracy"]
    assert line.split() == ["accuracy", f"{evaluation.metrics['accuracy']:.4f}", f"{low:.4f}-{high:.4f}"]
    assert "Intervals resample 400 items." in evaluation_text(evaluation, width=80)


@pytest.mark.parametrize("classes", [2, 10, 20])
def test_up_to_twenty_classes_show_their_confusion_matrix(classes: int) -> None:
    evaluation = made(classes)
    lines = evaluation_text(evaluation, width=80).split("predicted as:\n")[1].splitlines()
    assert lines[0].split() == ["true", *map(str, range(1, classes + 1))]
    for line, counts in zip(lines[1:], evaluation.confusion, strict=False):
        assert line.split()[-classes:] == [str(count) if count else "." for count in counts]


def test_more_classes_show_what_is_confused_most() -> None:
    evaluation = made(40, items=2000)
    text = evaluation_text(evaluation, width=80)
    assert "predicted as:" not in text
    wrong = np.array(evaluation.confusion) - np.diag(np.diag(evaluation.confusion))
    true, predicted = np.unravel_index(wrong.argmax(), wrong.shape)
    first = text.split("most often confused:\n")[1].splitlines()[1]
    assert first.split() == ["class", str(true), "class", str(predicted), str(wrong.max())]


def test_many_classes_and_groups_show_the_worst() -> None:
    text = evaluation_text(made(40, items=2000, grouped=True), width=80)
    assert "The 10 of 40 classes with the lowest F1:" in text
    assert "The 10 of 50 groups with the lowest accuracy:" in text


def test_two_classes_say_which_is_positive_and_from_where_on() -> None:
    evaluation = measure(*single(100, classes=2), ["healthy", "ill"], thresholds=(0.25,))
    text = " ".join(evaluation_text(evaluation, width=80).split())
    assert "The positive class is 'ill'. It is predicted from a probability of 0.250 on." in text


def test_leaks_stand_beside_the_numbers() -> None:
    evaluation = measure(*single(100), ["a", "b", "c"], leaked=np.arange(10))
    text = evaluation_text(evaluation, width=80)
    assert evaluation.without_leaks is not None
    assert "100 items" in text
    assert "90 unseen" in text
    assert f"{evaluation.without_leaks.metrics['accuracy']:.4f}" in text
    assert "- 10 of 100 items have a duplicate in the training data" in text


def test_what_is_not_defined_is_a_dash_and_a_note() -> None:
    text = evaluation_text(measure(np.array([[0.9, 0.1]]), np.array([0]), ["a", "b"]), width=80)
    assert "1 item " in text
    assert "- AUROC is not defined" in text
    assert [line.split() for line in text.splitlines() if line.startswith("b ")] == [["b", "0", *["-"] * 5]]


def test_several_labels_have_no_matrix() -> None:
    text = evaluation_text(measure(*several(50), ["a", "b", "c", "d"]), width=80)
    assert "Hamming loss" in text
    assert "predicted as" not in text


def test_names_are_never_markup_nor_break_lines() -> None:
    evaluation = measure(*single(60, classes=2), ["[bold]x[/bold]", "two\nlines\x1b[31m"])
    text = evaluation_text(evaluation, width=80)
    assert "[bold]x[/bold]" in text
    assert "two\\nlines\\x1b[31m" in text
    assert printable("\udcff\u82b1") == "\\udcff\u82b1"


def test_the_width_is_that_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluation = made(20)
    monkeypatch.setenv("COLUMNS", "70")
    assert evaluation_text(evaluation) == evaluation_text(evaluation, width=70)
    monkeypatch.setenv("COLUMNS", "20")
    assert evaluation_text(evaluation) == evaluation_text(evaluation, width=60)
