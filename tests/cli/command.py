"""Running `headstart` as a person does: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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
