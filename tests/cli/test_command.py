"""A command that is called is one that is run: the same answer, and nothing of it stays behind."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from headstart.core import console
from tests.cli.command import called, headstart


@pytest.mark.parametrize(
    "arguments",
    [("--help",), (), ("cache", "show"), ("doctr",), ("inspect", "nowhere"), ("fit", "caf\u00e9 \udcff")],
    ids=" ".join,
)
def test_it_answers_as_a_process_does(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    run, call = headstart(*arguments, folder=tmp_path), called(*arguments, folder=tmp_path)
    assert (call.returncode, call.stdout, call.stderr) == (run.returncode, run.stdout, run.stderr)


def test_nothing_stays_behind(tmp_path: Path) -> None:
    before = (Path.cwd(), dict(os.environ), console._quiet, sys.stdout, sys.stderr)
    call = called("inspect", "nowhere", "--offline", "--quiet", folder=tmp_path, HEADSTART_CACHE="elsewhere")
    assert call.returncode == 2
    assert (Path.cwd(), dict(os.environ), console._quiet, sys.stdout, sys.stderr) == before
    assert not list(tmp_path.iterdir())


def test_folder_environment_and_exit_code_are_those_of_the_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(arguments: tuple[str, ...]) -> int:
        print(Path.cwd(), os.environ["GIVEN"], arguments)
        print("said", file=sys.stderr)
        return 7

    monkeypatch.setattr("tests.cli.command.main", look)
    call = called("a", "b", folder=tmp_path, GIVEN="yes")
    assert (call.returncode, call.stdout, call.stderr) == (7, f"{tmp_path} yes ('a', 'b')\n", "said\n")
    assert "GIVEN" not in os.environ
