"""The folder of a run in the making: one process, no trace of mistakes, no trace of itself at the end."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from headstart.core.errors import Interrupted, OptionError, RunError
from headstart.request import Request
from headstart.run_folder import (
    check_new,
    clear_lock,
    continued_run,
    is_unfinished,
    new_results,
    new_run,
    numbered_folder,
)

ASKED = Request(command="fit", source="someone/birds")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def killed(folder: Path) -> Path:
    """A run whose process was killed while it wrote a file."""
    folder.mkdir()
    ASKED.write(folder / "request.json")
    for name in (".lock", "plan.json", ".headstart-half"):
        (folder / name).touch()
    return folder


def test_it_is_marked_while_it_is_made_and_clean_at_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "one"
    with new_run(folder, ASKED):
        assert is_unfinished(folder)
        for name in ("checkpoint.safetensors", "run.json"):
            (folder / name).touch()
    assert names(folder) == {"run.json"}
    assert not is_unfinished(folder)


def test_a_killed_run_is_gone_on_with(tmp_path: Path) -> None:
    folder = killed(tmp_path / "run")
    with continued_run(folder) as request:
        assert request == ASKED
        assert names(folder) == {"request.json", ".lock", "plan.json"}
    assert names(folder) == {"plan.json"}


def test_one_that_somebody_has_finished_meanwhile_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "run.json").touch()
    with continued_run(tmp_path) as request:
        assert request is None
    assert names(tmp_path) == {"run.json"}


def test_a_mistake_leaves_no_trace(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with pytest.raises(OptionError), new_run(folder, ASKED):
        raise OptionError("no")
    assert not folder.exists()
    folder.mkdir()
    with pytest.raises(OptionError), new_run(folder, ASKED):
        raise OptionError("no")
    assert names(folder) == set()


def test_a_mistake_in_going_on_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    ASKED.write(folder / "request.json")
    with pytest.raises(OptionError), continued_run(folder):
        raise OptionError("other options")
    assert names(folder) == {"request.json"}


def test_a_full_disk_says_how_to_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "run"

    def fill() -> None:
        (folder / "plan.json").touch()
        raise RunError("x could not be written: No space left on device.", hint="Make room.")

    with pytest.raises(RunError) as caught, new_run(folder, ASKED):
        fill()
    assert caught.value.hint == f"Make room.\nThen continue with: headstart fit --resume {folder}"
    assert names(folder) == {"request.json", "plan.json"}


def test_a_refusal_of_the_system_says_how_to_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "run"

    def fill() -> None:
        (folder / "plan.json").touch()
        raise OSError(errno.ENOSPC, "No space left on device", str(folder / "events"))

    with pytest.raises(RunError, match="events cannot be used: No space") as caught, new_run(folder, ASKED):
        fill()
    assert caught.value.hint.endswith(f"\nThen continue with: headstart fit --resume {folder}")
    assert names(folder) == {"request.json", "plan.json"}


def test_a_refusal_before_anything_was_written_leaves_no_trace_and_another_failure_stays_what_it_is(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "run"
    with pytest.raises(RunError, match="too long"), new_run(folder, ASKED):
        raise OSError(errno.ENAMETOOLONG, "File name too long", "network")
    assert not folder.exists()
    with pytest.raises(OSError, match="Input/output"), new_run(folder, ASKED):
        raise OSError(errno.EIO, "Input/output error")
    assert is_unfinished(folder)


def test_ctrl_c_says_how_to_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with pytest.raises(Interrupted) as caught, new_run(folder, ASKED):
        raise KeyboardInterrupt
    assert caught.value.hint == f"Continue with: headstart fit --resume {folder}"
    assert names(folder) == {"request.json"}


def test_what_is_there_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "photo.png").touch()
    with pytest.raises(RunError, match="not empty"), new_run(tmp_path, ASKED):
        pass
    assert names(tmp_path) == {"photo.png"}
    with pytest.raises(RunError, match="is a file"):
        check_new(tmp_path / "photo.png")


def test_a_folder_for_results_is_made_first_and_does_not_stay_empty(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "results"

    def work() -> None:
        assert folder.is_dir()
        raise OptionError("no")

    with pytest.raises(OptionError), new_results(folder):
        work()
    assert not folder.exists()
    folder.mkdir()
    with pytest.raises(OptionError), new_results(folder):
        raise OptionError("no")
    assert folder.is_dir()
    with new_results(folder), new_results(None):
        (folder / "ranking.json").touch()
    assert names(folder) == {"ranking.json"}
    with pytest.raises(RunError, match="not empty"), new_results(folder):
        pass
    with pytest.raises(RunError, match="could not be made"), new_results(folder / "ranking.json" / "inside"):
        pytest.fail("no work is done for a folder that cannot be made")


def test_a_folder_for_results_is_nobody_elses_meanwhile(tmp_path: Path) -> None:
    folder = tmp_path / "ranking"
    with new_results(folder):
        with pytest.raises(RunError, match="Another process is working on"), new_results(folder):
            pass
        with pytest.raises(RunError, match="Another process is working on"), new_run(folder, ASKED):
            pass
        (folder / "ranking.json").touch()
    assert names(folder) == {"ranking.json"}


def test_an_unfinished_run_is_told_from_other_things(tmp_path: Path) -> None:
    folder = killed(tmp_path / "run")
    with pytest.raises(RunError, match="not finished") as caught:
        check_new(folder)
    assert f"headstart fit --resume {folder}" in caught.value.hint


def test_what_a_process_left_that_died_at_once_is_no_content(tmp_path: Path) -> None:
    for name in (".lock", ".headstart-half"):
        (tmp_path / name).touch()
    with new_run(tmp_path, ASKED):
        pass
    assert names(tmp_path) == set()


def test_numbers_are_taken_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert [numbered_folder("my/photos"), numbered_folder("my/photos"), numbered_folder("...")] == [
        Path("runs", name) for name in ("my-photos-1", "my-photos-2", "run-1")
    ]


def test_a_file_in_the_way_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("runs").touch()
    with pytest.raises(RunError, match="could not be made|is a file"):
        numbered_folder("photos")
    with pytest.raises(RunError, match="could not be made"), new_run(Path("runs", "one"), ASKED):
        pass


HOLD = """
import sys, time
from pathlib import Path
from headstart.request import Request
from headstart.run_folder import new_run
with new_run(Path(sys.argv[1]), Request(command="fit", source="someone/birds")):
    (Path(sys.argv[1]) / "plan.json").touch()
    print("working", flush=True)
    time.sleep(60)
"""


@contextmanager
def at_work(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that is busy in the folder."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "working\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_second_process_is_kept_out_until_the_first_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with at_work(folder):
        before = names(folder)
        with pytest.raises(RunError, match="Another process is working on"), continued_run(folder):
            pass
        with pytest.raises(RunError, match="Another process is working on"):
            check_new(folder)
        assert names(folder) == before == {"request.json", ".lock", "plan.json"}
    assert (folder / ".lock").exists() == (os.name != "nt")
    with continued_run(folder) as request:
        assert request == ASKED
    assert names(folder) == {"plan.json"}


def test_the_lock_of_one_killed_at_its_very_end_is_removed(tmp_path: Path) -> None:
    for name in ("run.json", ".lock"):
        (tmp_path / name).touch()
    clear_lock(tmp_path)
    clear_lock(tmp_path)
    assert names(tmp_path) == {"run.json"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_read_only_folder_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    folder = killed(tmp_path / "run")
    (folder / ".lock").unlink()
    before = names(folder)
    folder.chmod(0o500)
    try:
        with pytest.raises(RunError, match="could not be written: Permission denied"), continued_run(folder):
            pass
        with pytest.raises(RunError, match="could not be"), new_run(folder / "inside", ASKED):
            pass
    finally:
        folder.chmod(0o700)
    assert names(folder) == before


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a folder cannot be made read-only to root there")
def test_a_lock_that_cannot_be_made_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from filelock import FileLock

    def refuse(_: FileLock) -> None:
        raise PermissionError(13, "Permission denied")

    folder = killed(tmp_path / "run")
    monkeypatch.setattr(FileLock, "acquire", refuse)
    with pytest.raises(RunError, match="could not be written: Permission denied") as caught, continued_run(folder):
        pass
    assert caught.value.hint == "Change its permissions, or give a folder that you may use."
    assert is_unfinished(folder)
