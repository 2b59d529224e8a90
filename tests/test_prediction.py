"""Streaming: order, memory and thresholds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import headstart as hs
from headstart import prediction
from headstart.core.errors import OptionError
from headstart.features import pictures


def test_the_cache_and_the_stream_agree(run: hs.Run, tmp_path: Path) -> None:
    dataset = hs.load_data(tmp_path / "data").dataset
    streamed = prediction.probabilities(run.trained, dataset, device="cpu")
    cached = prediction.probabilities(run.trained, dataset, device="cpu", cached=True)
    np.testing.assert_allclose(streamed, cached, atol=1e-5)


def test_predictions_are_streamed_one_batch_at_a_time(
    run: hs.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "batch_size_for", lambda facts, device: 2)
    monkeypatch.setattr(prediction, "cores", lambda: 1)
    read: list[int] = []
    column_type = type(hs.load_data(tmp_path / "data").dataset.inputs)
    original = column_type.read

    def counted(self: object, index: int) -> bytes:
        read.append(index)
        return original(self, index)  # type: ignore[arg-type]

    monkeypatch.setattr(column_type, "read", counted)
    answers: Iterator[object] = hs.predict(run, tmp_path / "data")
    next(answers)
    assert len(read) <= 8
    assert len(list(answers)) == 53
    assert len(read) == 54


def test_names_come_back_in_the_order_given(run: hs.Run, tmp_path: Path) -> None:
    files = sorted((tmp_path / "data").rglob("*.png"), key=lambda path: path.name[::-1] + str(path))
    assert [answer.item for answer in run.predict(files)] == [str(path) for path in files]


def test_a_threshold_outside_of_probabilities_is_refused(run: hs.Run, tmp_path: Path) -> None:
    with pytest.raises(OptionError):
        run.predict(tmp_path / "data", threshold=1.5)


def test_a_threshold_nothing_reaches_gives_no_label(run: hs.Run, tmp_path: Path) -> None:
    best = [answer.probability for answer in run.predict(tmp_path / "data" / "test")]
    threshold = sorted(value for value in best if value is not None)[9]
    answers = run.predict(tmp_path / "data" / "test", threshold=threshold)
    assert [answer.label == "" for answer in answers] == [value < threshold for value in best if value is not None]
    assert any(answer.label == "" for answer in answers)
