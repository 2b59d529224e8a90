"""The Python verbs, end to end on a small world."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import headstart as hs
from headstart import models
from headstart.core.errors import DataError, RunError
from tests.worlds import CLASSES, draw, write_network, write_world


def test_a_run_is_a_folder_of_json_and_safetensors(run: hs.Run) -> None:
    names = {path.name for path in run.folder.iterdir()}
    assert names == {
        "ledger.json",
        "model.json",
        "plan.json",
        "profile.json",
        "run.json",
        "split.parquet",
        "weights.safetensors",
    }
    assert json.loads((run.folder / "run.json").read_text())["test"]["metrics"] == run.metrics


def test_a_fresh_process_predicts_the_same_to_the_last_bit(run: hs.Run, tmp_path: Path) -> None:
    assert _fresh_answers(run, tmp_path) == _own_answers(run, tmp_path)


def _own_answers(run: hs.Run, tmp_path: Path) -> list[Any]:
    ours = [prediction.top for prediction in run.predict(_pictures(tmp_path), top=3)]
    found: list[Any] = json.loads(json.dumps(ours))
    return found


def _fresh_answers(run: hs.Run, tmp_path: Path) -> list[Any]:
    code = (
        "import sys, json, headstart as hs\n"
        "run = hs.load(sys.argv[1])\n"
        "print(json.dumps([p.top for p in run.predict(sys.argv[2:], top=3)]))"
    )
    command = [sys.executable, "-c", code, str(run.folder), *map(str, _pictures(tmp_path))]
    found: list[Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def _pictures(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "data" / "test").rglob("*.png"))


def test_no_pickle_is_reachable_from_a_saved_run(run: hs.Run) -> None:
    """Loading and predicting with an unpickler that refuses everything."""
    code = (
        "import pickle, sys, torch, headstart as hs\n"
        "def refuse(*a, **k): raise SystemExit('unpickled')\n"
        "class Refuse(pickle.Unpickler):\n"
        "    load = refuse\n"
        "pickle.load = pickle.loads = torch.load = refuse\n"
        "pickle.Unpickler = Refuse\n"
        "print(hs.load(sys.argv[1]).trained.record.labels)"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(run.folder)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert str(CLASSES) in ended.stdout


def test_evaluating_the_test_part_again_gives_the_same_numbers(run: hs.Run, tmp_path: Path) -> None:
    again = run.evaluate(tmp_path / "data")
    assert again.part == "test"
    assert again.metrics == pytest.approx(run.metrics, abs=1e-5)


def test_predictions_take_files_folders_arrays_and_pictures(run: hs.Run, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "test" / "cross"
    files = sorted(folder.iterdir())
    from_folder = [prediction.probability for prediction in run.predict(folder)]
    from_files = [prediction.probability for prediction in run.predict(files)]
    pictures = [Image.open(path) for path in files]
    from_pictures = [prediction.probability for prediction in run.predict(pictures)]
    from_array = [prediction.probability for prediction in run.predict(np.stack([np.asarray(p) for p in pictures]))]
    assert from_folder == from_files == from_pictures == from_array


def test_an_unreadable_input_keeps_its_place_and_says_why(run: hs.Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"")
    good = next((tmp_path / "data" / "test" / "cross").iterdir())
    first, second = run.predict([bad, good])
    assert first.problem
    assert not first.label
    assert second.label in CLASSES


def test_missing_inputs_are_reported_together(run: hs.Run) -> None:
    with pytest.raises(DataError) as caught:
        run.predict(["no.png", "neither.png"])
    assert len(caught.value.problems) == 2


def test_a_run_is_never_written_over(run: hs.Run, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in run.folder.iterdir()}
    with pytest.raises(RunError, match="not empty"):
        hs.fit(
            tmp_path / "data",
            output=run.folder,
            options=hs.FitOptions(model=str(tmp_path / "network"), strategy="linear-probe"),
        )
    assert {path: path.read_bytes() for path in run.folder.iterdir()} == before


def test_what_was_left_out_is_said_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_world(tmp_path / "data")
    (root / "train" / "cross" / "empty.png").write_bytes(b"")
    run = hs.fit(
        root,
        output=tmp_path / "run",
        options=hs.FitOptions(model=str(write_network(tmp_path / "network")), strategy="linear-probe"),
    )
    assert "skipped 1: zero bytes" in capsys.readouterr().err
    lines = json.loads((run.folder / "ledger.json").read_text())["lines"]
    assert [line["items"] for line in lines if line["action"] == "skipped"] == [["train/cross/empty.png"]]


def test_save_copies_and_load_opens(run: hs.Run, tmp_path: Path) -> None:
    copy = run.save(tmp_path / "copy")
    assert hs.load(copy.folder).record == run.record


def test_loading_something_else_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not a folder"):
        hs.load(tmp_path / "nothing")
    with pytest.raises(RunError, match=r"run\.json does not exist"):
        hs.load(tmp_path)


def test_added_pictures_move_no_old_ones(tmp_path: Path) -> None:
    root = write_world(tmp_path / "data", train=20, test=0)
    before = parts_by_name(root)
    generator = np.random.default_rng(99)
    for number in range(10):
        draw("cross", generator).save(root / "cross" / f"added-{number}.png")
    after = parts_by_name(root)
    assert {name: after[name] for name in before} == before
    assert len(after) == len(before) + 10


def parts_by_name(root: Path) -> dict[str, int]:
    from headstart.loading import split

    dataset = split(hs.load_data(root))
    return {dataset.inputs.name(index): int(dataset.parts[index]) for index in range(len(dataset))}


def test_leaks_are_measured_with_and_without(tmp_path: Path) -> None:
    root = write_world(tmp_path / "data")
    source = next((root / "train" / "cross").iterdir())
    (root / "test" / "cross" / "leaked.png").write_bytes(source.read_bytes())
    run = hs.fit(
        root,
        output=tmp_path / "run",
        options=hs.FitOptions(model=str(write_network(tmp_path / "network")), strategy="linear-probe"),
    )
    assert run.record.test is not None
    assert run.record.test.without_leaks is not None
    assert run.record.test.items == run.record.test.without_leaks.items + 1


def test_a_merged_adapter_is_an_ordinary_run_to_a_fresh_process(tmp_path: Path) -> None:
    """Without validation data nothing competes with the training, so that there is an adapter to merge."""
    network = write_network(tmp_path / "network")
    options = hs.FitOptions(model=str(network), strategy="lora", validation=0.0, settings=hs.StrategyOptions(epochs=1))
    run = hs.fit(write_world(tmp_path / "data"), output=tmp_path / "run", options=options)
    pretrained, trained = models.load(str(network)).state_dict(), run.trained.model.backbone.state_dict()
    assert pretrained.keys() == trained.keys()
    assert any(not torch.equal(trained[name], value) for name, value in pretrained.items())
    assert _fresh_answers(run, tmp_path) == _own_answers(run, tmp_path)
