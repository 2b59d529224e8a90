"""What the README and the pages of docs/ show is run as it stands, page by page, in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import called
from tests.docs.markdown import Block, blocks, command_words, commands, matches
from tests.static.repository import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
RUN = {"python", "console", "sh"}
SHOWN = {"text", "toml", "json", "csv", "yaml"}


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a person does who has activated the environment."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return subprocess.run(
        ["sh", "-euc", command],
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )


def carried_out(command: str) -> subprocess.CompletedProcess[str]:
    """What a console block shows: a plain `headstart ...` is called, anything else is the shell's."""
    words = command_words(command)
    return shell(command) if words is None else called(*words[1:], together=True)


def run(block: Block, names: dict[str, Any], page: Path) -> None:
    place = f"{page.name}:{block.line}"
    if block.language == "python":
        code = "\n" * (block.line - 1) + block.code
        exec(compile(code, str(page), "exec"), names)
    elif block.language == "sh":
        ended = shell(block.code)
        assert ended.returncode == 0, f"{place} ended with {ended.returncode}:\n{ended.stdout}"
    else:
        for command, expected in commands(block.code):
            ended = carried_out(command)
            assert ended.returncode == 0, f"{place}: {command} ended with {ended.returncode}:\n{ended.stdout}"
            if block.compare:
                assert matches(expected, ended.stdout), f"{place}: {command} printed:\n{ended.stdout}"


@pytest.mark.timeout(600)
@pytest.mark.skipif(os.name == "nt", reason="the pages show commands for a POSIX shell")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_blocks_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.run and block.language in RUN:
            run(block, names, page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_is_run_or_known_as_text(page: Path) -> None:
    languages = {block.language for block in blocks(page.read_text(encoding="utf-8")) if block.run}
    assert languages <= RUN | SHOWN
