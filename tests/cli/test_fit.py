"""`headstart fit`, `evaluate` and `predict` as a person meets them."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from headstart.cli.fit import STRATEGIES, Metric, Training, checked, folder_of
from headstart.core.errors import OptionError
from headstart.core.options import FitOptions
from tests.cli.command import ENTRY, called, headstart
from tests.worlds import CLASSES, write_network, write_world


def test_the_whole_way_from_a_folder_to_predictions(tmp_path: Path) -> None:
    data, network = write_world(tmp_path / "data"), write_network(tmp_path / "network")
    fitted = called(
        "fit", str(data), "--model", str(network), "--strategy", "linear-probe", "--json", "-o", "run", folder=tmp_path
    )
    assert fitted.returncode == 0, fitted.stderr
    answer = json.loads(fitted.stdout)
    assert {"accuracy", "macro_f1", "model", "strategy", "seconds", "run"} <= answer.keys()
    assert answer["run"] == "run"

    evaluated = called("evaluate", "run", str(data), "--json", folder=tmp_path)
    assert evaluated.returncode == 0, evaluated.stderr
    assert json.loads(evaluated.stdout)["accuracy"] == pytest.approx(answer["accuracy"])

    predicted = called("predict", "run", str(data / "test"), "-o", "answers.csv", folder=tmp_path)
    assert predicted.returncode == 0, predicted.stderr
    with (tmp_path / "answers.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 18
    assert {row["label"] for row in rows} <= set(CLASSES)


def test_the_text_names_the_numbers_and_the_run(tmp_path: Path) -> None:
    data, network = write_world(tmp_path / "data"), write_network(tmp_path / "network")
    fitted = called("fit", str(data), "--model", str(network), "--strategy", "linear-probe", folder=tmp_path)
    assert fitted.returncode == 0, fitted.stderr
    assert "accuracy" in fitted.stdout
    assert f"Run saved in {Path('runs', 'data-1')}" in fitted.stdout


def test_options_out_of_range_are_named_together() -> None:
    with pytest.raises(OptionError) as caught:
        Training(momentum=2.0, epochs=0).settings()
    assert [problem.split()[0] for problem in caught.value.problems] == ["--momentum", "--epochs"]


def test_everything_that_is_wrong_is_named_together(tmp_path: Path) -> None:
    wrong = ("--budget", "soon", "--thaw", "2", "--validation-share", "3", "--rank", "0")
    ended = called("fit", "data", *wrong, folder=tmp_path)
    assert ended.returncode == 2
    for option in ("--budget soon", "--thaw 2", "--validation 3", "--rank 0"):
        assert option in ended.stderr


def test_an_unknown_strategy_and_model_are_named_with_the_rest(tmp_path: Path) -> None:
    wrong = ("-s", "ful", "-m", "nope/xx", "--epochs", "0", "--budget", "3x")
    ended = called("fit", "data", *wrong, folder=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith("Error:\n- --epochs 0")
    told = ("--budget 3x", "Unknown strategy 'ful'. Did you mean 'full'?", "Unknown source of models 'nope'")
    for problem in (*told, "Allowed: auto, contrastive, full", "Ids are timm/NAME"):
        assert problem in ended.stderr


def test_the_help_names_every_strategy() -> None:
    from headstart.methods import METHODS

    names = STRATEGIES.removesuffix(".").replace(" or ", ", ").split(", ")
    assert names == ["auto", *METHODS.names()]


def test_every_metric_that_a_plan_can_have_can_be_named() -> None:
    from headstart.core.strategy import MetricName

    assert [metric.value for metric in Metric] == list(get_args(MetricName))


def test_every_training_option_is_a_setting_of_the_record() -> None:
    from headstart.core.options import StrategyOptions

    assert vars(Training()).keys() == StrategyOptions.model_fields.keys()
    assert checked(FitOptions, {}) == FitOptions()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fit", "nowhere/"], "does not exist"),
        (["fit", "data", "--stratgy", "full"], "Did you mean '--strategy'"),
        (["fit", "data", "--strategy", "ful", "--model", "network"], "Did you mean 'full'"),
        (["predict", "nowhere", "data"], "not a folder"),
        (["evaluate", "data", "data"], "run.json does not exist"),
        (["fit", "data", "-o", "x" * 300], "Give a shorter name"),
        (["fit", "--resume", "x" * 300], "Give a shorter name"),
        (["fit", "data", "-m", f"./{'x' * 300}"], "Give a shorter name"),
        (["predict", "x" * 300, "data"], "Give a shorter name"),
    ],
)
def test_a_mistake_gives_a_sentence_and_no_traceback(tmp_path: Path, arguments: list[str], said: str) -> None:
    write_world(tmp_path / "data", train=4, test=2)
    write_network(tmp_path / "network")
    ended = called(*arguments, folder=tmp_path)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


@pytest.mark.skipif(os.name == "nt", reason="a process cannot be sent the interrupt of a terminal on Windows")
def test_ctrl_c_says_how_to_go_on_and_that_works(tmp_path: Path) -> None:
    data, network = write_world(tmp_path / "data", train=6, test=2), write_network(tmp_path / "network")
    # A shell starts what it runs in the background with interrupts ignored, and the tests may be run like that.
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    settings = ["--model", str(network), "--strategy", "full", "--epochs", "40", "-o", "my run"]
    process = subprocess.Popen(
        [sys.executable, "-c", heed + ENTRY, "fit", str(data), *settings],
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "epoch 1/40" in line:
            break
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "Interrupted. Continue with: headstart fit --resume 'my run'"

    other = called("fit", "--resume", "my run", "--epochs", "50", folder=tmp_path)
    assert other.returncode == 2
    assert "--epochs was 40 and is 50 now" in other.stderr

    resumed = headstart("fit", "--resume", "my run", "--json", folder=tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    assert "full: continued after step" in resumed.stderr
    answer = json.loads(resumed.stdout)
    assert answer["run"] == "my run"

    again = called("fit", "--resume", "my run", "--json", folder=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "finished already" in again.stderr
    assert json.loads(again.stdout) == answer


def test_going_on_with_nothing_is_said(tmp_path: Path) -> None:
    ended = called("fit", "--resume", "nowhere", folder=tmp_path)
    assert ended.returncode == 2
    assert "holds no run that could be gone on with" in ended.stderr
    assert not list(tmp_path.iterdir())


def test_output_and_resume_are_one_folder() -> None:
    assert folder_of(Path("a"), None) == folder_of(None, Path("a")) == folder_of(Path("a"), Path("a")) == Path("a")
    assert folder_of(None, None) is None
    with pytest.raises(OptionError, match="--resume a goes on in that folder, and --output b is another"):
        folder_of(Path("b"), Path("a"))
