"""Who may import whom, and what an import may cost."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.static.repository import ROOT, source_files

LIGHT = {"core", "metrics", "scores", "cli"}
HEAVY = ["torch", "torchvision", "timm", "transformers", "datasets", "accelerate"]


def test_the_import_rules_hold() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    ended = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_page_on_architecture_shows_the_same_layers() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (layers,) = (contract["layers"] for contract in contracts["contracts"] if contract["type"] == "layers")
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    stated = re.search(r"Imports go one way:\s*`([^`]+)`", page)
    assert stated is not None
    assert [layer.strip() for layer in stated[1].split(">")] == [layer.strip("()") for layer in layers]


def test_light_folders_import_nothing_heavy() -> None:
    names = [
        ".".join(["headstart", *path.with_suffix("").parts]).removesuffix(".__init__")
        for path in source_files()
        if path.parts[0] in LIGHT
    ]
    code = (
        "import importlib, sys\n"
        f"for name in {names}:\n"
        "    importlib.import_module(name)\n"
        f"    heavy = set({HEAVY}) & set(sys.modules)\n"
        "    assert not heavy, f'{name} imports {heavy}'\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
