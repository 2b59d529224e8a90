"""`headstart pretrain` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.command import called, headstart
from tests.worlds import write_world


def test_pictures_become_a_model_that_fit_takes(tmp_path: Path) -> None:
    data = write_world(tmp_path / "shapes")
    few = ("--architecture", "test_resnet", "--image-size", "32", "--start-size", "16", "--epochs", "2", "--json")
    # In sixteen bits torch 2.14 has wrong gradients for strided convolutions of maps of one cell on some processors.
    few = (*few, "--precision", "float32")
    ended = headstart("pretrain", str(data), "-o", "net", *few, "--batch-size", "12", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    result = json.loads(ended.stdout)
    assert result["items"] == {"train": 36, "held out": 18}
    assert 0 <= result["accuracy"] <= 1
    assert result["model"] == "net"
    assert (tmp_path / "net" / "model.safetensors").is_file()
    assert "epoch 2/2" in ended.stderr


def test_values_that_are_not_allowed_are_told_without_a_traceback(tmp_path: Path) -> None:
    data = write_world(tmp_path / "shapes", train=2, test=1)
    wrong = called("pretrain", str(data), "-o", "net", "--epochs", "0", "--learning-rate", "-1", folder=tmp_path)
    assert wrong.returncode == 2
    assert "--epochs" in wrong.stderr
    assert "--learning-rate" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_arguments_of_the_architecture_are_a_json_object(tmp_path: Path) -> None:
    for text in ("{", "[1]"):
        wrong = called("pretrain", "data", "-o", "net", "--architecture-args", text, folder=tmp_path)
        assert wrong.returncode == 2
        assert "--architecture-args" in wrong.stderr


def test_the_output_is_needed() -> None:
    wrong = called("pretrain", "data")
    assert wrong.returncode == 2
    assert "--output" in wrong.stderr


def test_an_unfinished_model_is_gone_on_with(tmp_path: Path) -> None:
    data = write_world(tmp_path / "shapes", train=6, test=2)
    few = ("--architecture", "test_resnet", "--image-size", "32", "--epochs", "3", "--batch-size", "6")
    code = (
        "import os, sys; from headstart.train import saving; from headstart.cli import main\n"
        "saving.SHARE = float('inf'); save = saving.Saver.save\n"
        "saving.Saver.save = lambda self: (save(self), os._exit(9))\n"
        "sys.exit(main())"
    )
    assert headstart("pretrain", str(data), "-o", "net", *few, code=code, folder=tmp_path).returncode == 9
    assert (tmp_path / "net" / "checkpoint.safetensors").exists()
    assert called("pretrain", str(data), "-o", "net", *few, folder=tmp_path).returncode == 2
    ended = headstart("pretrain", "--resume", "net", "--json", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "pretraining: continued after step 3 of 9" in ended.stderr
    assert json.loads(ended.stdout)["epochs"] == 3
    assert not (tmp_path / "net" / "checkpoint.safetensors").exists()
