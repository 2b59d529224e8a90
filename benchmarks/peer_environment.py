"""Other libraries in environments of their own, so that theirs and ours do not meet: made, and asked to measure."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

OFFLINE = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


def interpreter(folder: Path, requirement: str, *, module: str) -> Path:
    """That of an environment with the package, which is made where there is none."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    there = subprocess.run([str(python), "-c", f"import {module}"], check=False, capture_output=True, env=own())
    if there.returncode:
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", requirement], check=True)
    return python


def own(**further: str) -> dict[str, str]:
    """The variables of the environment, without the path to our own modules."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | OFFLINE | further


def told(python: Path, script: str, asked: dict[str, Any]) -> dict[str, Any]:
    """What a script writes to the file `told.json` in the folder that it is told as `output`, and its seconds."""
    with tempfile.TemporaryDirectory() as place:
        started = time.perf_counter()
        command = [str(python), "-c", script, json.dumps({**asked, "output": place})]
        subprocess.run(command, check=True, cwd=place, env=own())
        found: dict[str, Any] = json.loads(Path(place, "told.json").read_text())
    return {"process_seconds": round(time.perf_counter() - started, 1), **found}
