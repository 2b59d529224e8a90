"""Begun, gone on with, and nothing done twice."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError, OptionError, RunError
from headstart.core.options import FitOptions
from headstart.data.reader import ReadOptions
from headstart.job import Job
from headstart.request import Request
from tests.test_request import items


@dataclass(frozen=True)
class Loaded:
    """What a source stands for here: a number of items."""

    dataset: Dataset


class Work:
    """Writes one file a call, and dies `deaths` times before it writes the result."""

    def __init__(self, deaths: int = 0) -> None:
        self.deaths = deaths
        self.requests: list[Request] = []
        self.begun: list[float] = []

    def __call__(self, _: Loaded, request: Request, folder: Path, begun: float) -> None:
        self.requests.append(request)
        self.begun.append(begun)
        (folder / f"step-{len(self.requests)}").touch()
        if len(self.requests) <= self.deaths:
            raise SystemExit
        (folder / "result.json").touch()


def job(work: Work, source: Any = "x/6", command: Any = "fit", **options: Any) -> Job[Loaded]:
    def load(source: Any, _: ReadOptions) -> Loaded:
        return Loaded(items(int(str(source).partition("/")[2])))

    return Job(command, source, ReadOptions(), FitOptions(**options), load=load, work=work, result="result.json")


def test_it_goes_on_until_it_is_done_and_then_does_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, work = tmp_path / "run", Work(deaths=2)
    with pytest.raises(SystemExit):
        job(work, seed=4).run(folder, resume=False)
    with pytest.raises(SystemExit):
        job(work, None).run(folder, resume=True)
    assert job(work, None).run(folder, resume=True) == folder
    assert len(work.requests) == 3
    assert {request.options["seed"] for request in work.requests} == {4}
    assert job(work, None).run(folder, resume=True) == folder
    assert len(work.requests) == 3
    assert "is finished already" in capsys.readouterr().err
    assert {path.name for path in folder.iterdir()} == {"result.json", "step-1", "step-2", "step-3"}


def test_another_version_is_said_and_the_run_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, work = tmp_path / "run", Work(deaths=1)
    with pytest.raises(SystemExit):
        job(work).run(folder, resume=False)
    request = Request.read(folder / "request.json")
    request.model_copy(update={"versions": {"headstart": "0.0.1"}}).write(folder / "request.json")
    job(work, None).run(folder, resume=True)
    assert "This run was begun with headstart 0.0.1 and goes on with headstart" in capsys.readouterr().err
    assert len(work.requests) == 2


def test_a_death_after_the_result_is_only_tidied_up(tmp_path: Path) -> None:
    folder, work = tmp_path / "run", Work(deaths=1)
    with pytest.raises(SystemExit):
        job(work).run(folder, resume=False)
    (folder / "result.json").touch()
    job(work, None).run(folder, resume=True)
    assert len(work.requests) == 1
    assert not (folder / "request.json").exists()


def test_without_a_run_there_it_is_begun_if_there_are_data(tmp_path: Path) -> None:
    job(Work()).run(tmp_path / "run", resume=True)
    assert (tmp_path / "run" / "result.json").exists()
    with pytest.raises(RunError, match="holds no run that could be gone on with") as caught:
        job(Work(), None).run(tmp_path / "other", resume=True)
    assert caught.value.hint == f"Begin one: headstart fit DATA -o {tmp_path / 'other'}"
    assert not (tmp_path / "other").exists()


def test_where_something_else_is_a_new_folder_is_advised(tmp_path: Path) -> None:
    (tmp_path / "photo.png").touch()
    for place in (tmp_path, tmp_path / "photo.png"):
        with pytest.raises(RunError, match="holds no run that could be gone on with") as caught:
            job(Work(), None).run(place, resume=True)
        assert caught.value.hint == "Begin in a new folder: headstart fit DATA -o FOLDER"


def test_without_a_folder_it_is_numbered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert job(Work()).run(None, resume=False) == Path("runs", "somewhere-1")
    assert job(Work(), command="verdict").run(None, resume=False) == Path("runs", "somewhere-verdict-1")
    with pytest.raises(OptionError, match="Which run"):
        job(Work()).run(None, resume=True)


def test_other_data_options_and_commands_are_refused_and_the_run_is_kept(tmp_path: Path) -> None:
    folder, work = tmp_path / "run", Work(deaths=1)
    with pytest.raises(SystemExit):
        job(work).run(folder, resume=False)
    before = {path.name for path in folder.iterdir()}
    with pytest.raises(OptionError, match="--seed was 0 and is 5 now"):
        job(work, None, seed=5).run(folder, resume=True)
    with pytest.raises(OptionError, match="The data were x/6 and are x/5 now"):
        job(work, "x/5").run(folder, resume=True)
    with pytest.raises(RunError, match="the beginnings of a fit, not of a pretrain") as caught:
        job(work, None, "pretrain").run(folder, resume=True)
    assert caught.value.hint == f"Continue with: headstart fit --resume {folder}"
    changed = job(work, None)
    with pytest.raises(DataError, match="have changed"):
        Job("fit", None, ReadOptions(), FitOptions(), lambda *_: Loaded(items(4)), work, "result.json").run(
            folder, resume=True
        )
    assert {path.name for path in folder.iterdir()} == before
    changed.run(folder, resume=True)


def test_a_run_is_not_begun_where_something_is(tmp_path: Path) -> None:
    (tmp_path / "photo.png").touch()
    work = Work()
    with pytest.raises(RunError, match="not empty"):
        job(work).run(tmp_path, resume=False)
    assert work.requests == []


def test_a_budget_counts_from_before_the_data_are_read(tmp_path: Path) -> None:
    work = Work()
    slow: list[float] = []

    def load(*_: Any) -> Loaded:
        slow.append(time.monotonic())
        return Loaded(items(4))

    Job("fit", "x/4", ReadOptions(), FitOptions(), load, work, "result.json").run(tmp_path / "run", resume=False)
    assert work.begun[0] <= slow[0]
