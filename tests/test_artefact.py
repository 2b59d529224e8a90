"""Saved models: what is written is what is read, and what does not fit is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import headstart as hs
from headstart.answering import Answers
from headstart.artefact import TrainedModel, head_for, width_of
from headstart.core.errors import RunError
from headstart.core.view import View
from headstart.tasks import TASKS
from tests.answers import trained_model


@pytest.fixture
def folder(run: hs.Run) -> Path:
    return run.folder


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


def test_weights_that_are_no_numbers_are_refused(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "weights.safetensors")
    weights["heads.0.linear.bias"][0] = float("nan")
    save_file(weights, folder / "weights.safetensors")
    with pytest.raises(RunError, match=r"damaged: heads\.0\.linear\.bias hold what is no number"):
        TrainedModel.load(folder)


def test_weights_of_another_model_are_refused(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "weights.safetensors")
    weights["heads.0.linear.bias"] = torch.zeros(7)
    weights["surplus"] = torch.zeros(1)
    del weights["heads.0.linear.weight"]
    save_file(weights, folder / "weights.safetensors")
    with pytest.raises(RunError) as caught:
        TrainedModel.load(folder)
    assert sorted(problem.partition(":")[0] for problem in caught.value.problems) == [
        "heads.0.linear.bias has shape (7,), expected (3,)",
        "missing",
        "unexpected",
    ]


def test_a_description_with_an_unknown_key_is_refused(folder: Path) -> None:
    path = folder / "model.json"
    path.write_text(path.read_text().replace('"labels"', '"labells"', 1))
    with pytest.raises(RunError, match=r"model\.json"):
        TrainedModel.load(folder)


def test_several_networks_and_views_keep_every_bit_in_another_process(tmp_path: Path) -> None:
    trained = trained_model(tmp_path)
    trained.save(tmp_path / "run")
    images = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    np.save(tmp_path / "images.npy", images)
    code = (
        "import sys, numpy as np, torch\n"
        "from pathlib import Path\n"
        "from headstart.answering import Answers\n"
        "from headstart.artefact import TrainedModel\n"
        "folder = Path(sys.argv[1])\n"
        "torch.set_num_threads(int(sys.argv[2]))\n"
        "trained = TrainedModel.load(folder / 'run')\n"
        "assert not any(part.training for part in (*trained.networks, *trained.heads))\n"
        "np.save(folder / 'answers.npy', Answers(trained, device='cpu', items=1)(np.load(folder / 'images.npy')))\n"
        "trained.save(folder / 'again')\n"
    )
    threads = str(torch.get_num_threads())
    subprocess.run([sys.executable, "-c", code, str(tmp_path), threads], check=True)
    ours = Answers(trained, device="cpu", items=1)(images)
    assert np.array_equal(np.load(tmp_path / "answers.npy"), ours)
    for name in ("weights.safetensors", "model.json"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "run" / name).read_bytes()


def test_names_of_weights_say_which_network_and_which_head(tmp_path: Path) -> None:
    trained = trained_model(tmp_path)
    names = {".".join(name.split(".")[:2]) for name in trained.module().state_dict()}
    assert names == {"networks.0", "networks.1", *(f"heads.{number}" for number in range(5))}
    with pytest.raises(ValueError, match="2 networks and 5 heads"):
        _ = trained.model


def test_a_head_is_as_wide_as_the_features_of_its_view(tmp_path: Path) -> None:
    networks = trained_model(tmp_path).networks
    (first, second), task = networks, TASKS["image-classification"](multi_label=False)
    assert first.width != second.width
    for view, width in (
        (View(), first.width),
        (View(networks=(1,)), second.width),
        (View(networks=(1, 0)), first.width + second.width),
        (View(stages=True), first.stage_width),
        (View(networks=(0, 1), stages=True), first.stage_width + second.stage_width),
    ):
        assert width_of(view, networks) == width
        assert head_for(view, networks, task, labels=4).linear.weight.shape == (4, width)


@pytest.mark.parametrize("places", [(2,), (0, 2), ()])
def test_a_view_on_a_network_that_there_is_not_is_refused(tmp_path: Path, places: tuple[int, ...]) -> None:
    networks = trained_model(tmp_path).networks
    with pytest.raises(RunError, match="there are 2"):
        head_for(View(networks=places), networks, TASKS["image-classification"](multi_label=False), labels=3)


def test_networks_that_have_changed_places_are_refused(tmp_path: Path) -> None:
    trained = trained_model(tmp_path, (View(networks=(0,)), View(networks=(1,))))
    trained.save(tmp_path / "run")
    record = trained.record.model_copy(update={"networks": trained.record.networks[::-1]})
    record.write(tmp_path / "run" / "model.json")
    with pytest.raises(RunError, match=r"networks\.0\.") as caught:
        TrainedModel.load(tmp_path / "run")
    assert len(caught.value.problems) == 10


def test_a_head_too_few_is_named(tmp_path: Path) -> None:
    trained = trained_model(tmp_path)
    trained.save(tmp_path / "run")
    record = trained.record.model_copy(update={"views": (*trained.record.views, View(name="more"))})
    record.write(tmp_path / "run" / "model.json")
    with pytest.raises(RunError, match=r"missing: heads\.5\.linear\.bias"):
        TrainedModel.load(tmp_path / "run")
