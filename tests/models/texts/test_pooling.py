from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from headstart.models.texts.pooling import FILE, POOLINGS, pooling_of, weighted_mean

STATES = torch.tensor([[[1.0, -4.0], [3.0, -2.0], [50.0, 50.0]], [[5.0, 6.0], [50.0, 50.0], [50.0, 50.0]]])
MASK = torch.tensor([[True, True, False], [True, False, False]])


@pytest.mark.parametrize(
    ("name", "expected"),
    [("mean", [[2.0, -3.0], [5.0, 6.0]]), ("first", [[1.0, -4.0], [5.0, 6.0]]), ("max", [[3.0, -2.0], [5.0, 6.0]])],
)
def test_padding_takes_no_part(name: str, expected: list[list[float]]) -> None:
    assert POOLINGS[name](STATES, MASK).tolist() == expected


def test_the_windows_of_a_text_weigh_as_many_tokens_as_they_have() -> None:
    rows = torch.tensor([[1.0], [4.0], [7.0]])
    found = weighted_mean(rows, torch.tensor([2, 1, 5]), torch.tensor([0, 0, 2]), items=3)
    assert found.tolist() == [[2.0], [0.0], [7.0]]


@pytest.mark.parametrize(
    ("written", "pooling"),
    [
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}, "mean"),
        ({"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}, "first"),
        ({"pooling_mode_max_tokens": True}, "max"),
        ({"pooling_mode": "cls"}, "first"),
    ],
)
def test_the_folder_says_how(tmp_path: Path, written: dict[str, object], pooling: str) -> None:
    assert pooling_of(tmp_path) == ("mean", "")
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(json.dumps(written))
    assert pooling_of(tmp_path) == (pooling, "")


@pytest.mark.parametrize(
    "written",
    [{"pooling_mode_lasttoken": True}, {"pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": True}, {}],
)
def test_another_pooling_is_said_to_be_replaced(tmp_path: Path, written: dict[str, object]) -> None:
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(json.dumps(written))
    pooling, note = pooling_of(tmp_path)
    assert pooling == "mean"
    assert "the mean is taken instead" in note
