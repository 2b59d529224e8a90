"""Saved models: what is written is what is read, and what does not fit is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import headstart as hs
from headstart.artefact import TrainedModel
from headstart.core.errors import RunError
from tests.worlds import write_network, write_world


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    options = hs.FitOptions(model=str(write_network(tmp_path / "network")), strategy="linear-probe")
    return hs.fit(write_world(tmp_path / "data"), output=tmp_path / "run", options=options).folder


def test_saving_and_loading_keeps_every_bit(folder: Path, tmp_path: Path) -> None:
    first = TrainedModel.load(folder)
    first.save(tmp_path / "again")
    second = TrainedModel.load(tmp_path / "again")
    assert first.record == second.record
    ours, theirs = first.model.state_dict(), second.model.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_missing_weights_are_named(folder: Path) -> None:
    (folder / "weights.safetensors").unlink()
    with pytest.raises(RunError, match=r"weights\.safetensors does not exist"):
        TrainedModel.load(folder)


@pytest.mark.parametrize("content", [b"", b"not safetensors", b"\xff" * 64])
def test_damaged_weights_are_refused(folder: Path, content: bytes) -> None:
    (folder / "weights.safetensors").write_bytes(content)
    with pytest.raises(RunError, match="damaged"):
        TrainedModel.load(folder)


def test_weights_of_another_model_are_refused(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "weights.safetensors")
    weights["head.linear.bias"] = torch.zeros(7)
    weights["surplus"] = torch.zeros(1)
    del weights["head.linear.weight"]
    save_file(weights, folder / "weights.safetensors")
    with pytest.raises(RunError) as caught:
        TrainedModel.load(folder)
    assert len(caught.value.problems) == 3


def test_a_description_with_an_unknown_key_is_refused(folder: Path) -> None:
    path = folder / "model.json"
    path.write_text(path.read_text().replace('"labels"', '"labells"', 1))
    with pytest.raises(RunError, match=r"model\.json"):
        TrainedModel.load(folder)
