"""Running `headstart` as a person does, a process of its own, or calling it where the process is not the point.

A process imports torch and the libraries of models anew, which takes longer than most of what is tested. Every command
has a test that runs it in a process of its own; so do interrupts, deaths, resuming and what an import may cost.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from headstart.cli import main
from headstart.core import console

ENTRY = "import sys; from headstart.cli import main; sys.exit(main())"


def headstart(
    *arguments: str | bytes, code: str = ENTRY, folder: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The finished process of `headstart ARGUMENTS`; `code` is run in its place to see one end in a certain way."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        encoding="utf-8",
        errors="backslashreplace",
        cwd=folder,
        env={**os.environ, **environment},
        check=False,
        timeout=250,
    )


def called(
    *arguments: str, folder: Path | None = None, together: bool = False, **environment: str
) -> subprocess.CompletedProcess[str]:
    """What `headstart` would return, by a call of `main`; folder, environment and console are as before afterwards.

    `together` is for both streams as they follow each other on a terminal: all of it is standard output.
    """
    output, errors = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with (
        chdir(folder or Path.cwd()),
        patch.dict(os.environ, environment),
        patch.object(console, "_quiet", console._quiet),
        redirect_stdout(output),
        redirect_stderr(output if together else errors),
    ):
        code = main(arguments)
    return subprocess.CompletedProcess(list(arguments), code, written(output), written(errors))


def written(stream: io.TextIOWrapper) -> str:
    """All that a stream of `called` was given. It stays open: a library may have taken it for its log."""
    stream.seek(0)
    return stream.read()
