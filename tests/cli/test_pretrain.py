"""`headstart pretrain` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.command import headstart
from tests.worlds import write_world


def test_pictures_become_a_model_that_fit_takes(tmp_path: Path) -> None:
    data = write_world(tmp_path / "shapes")
    few = ("--architecture", "test_resnet", "--image-size", "32", "--start-size", "16", "--epochs", "2", "--json")
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
    wrong = headstart("pretrain", str(data), "-o", "net", "--epochs", "0", "--learning-rate", "-1", folder=tmp_path)
    assert wrong.returncode == 2
    assert "--epochs" in wrong.stderr
    assert "--learning-rate" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_arguments_of_the_architecture_are_a_json_object(tmp_path: Path) -> None:
    for text in ("{", "[1]"):
        wrong = headstart("pretrain", "data", "-o", "net", "--architecture-args", text, folder=tmp_path)
        assert wrong.returncode == 2
        assert "--architecture-args" in wrong.stderr


def test_the_output_is_needed() -> None:
    wrong = headstart("pretrain", "data")
    assert wrong.returncode == 2
    assert "--output" in wrong.stderr
