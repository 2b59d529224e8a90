"""The repository as files: what is tracked, and what the source tree holds."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "headstart"


def source_files() -> list[Path]:
    """Every Python file of the package, relative to it."""
    return sorted(path.relative_to(SOURCE) for path in SOURCE.rglob("*.py"))


def tracked_files() -> list[Path]:
    """Every file under version control, or a skip where this is not a checkout."""
    if not (ROOT / ".git").exists():
        pytest.skip("needs a git checkout to know which files are tracked")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
