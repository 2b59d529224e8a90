"""The dependencies that the package declares are the libraries that it imports."""

from __future__ import annotations

import ast
import functools
import re
import sys
import tomllib

import pytest

from tests.static.repository import ROOT, SOURCE, source_files

MODULES = {"scikit-learn": "sklearn", "pillow": "PIL", "pyyaml": "yaml"}
NOT_IMPORTED = {
    "torchvision": "declared so that pip chooses the build that fits torch; timm imports it",
}


@functools.cache  # every file of the package is parsed
def imported() -> frozenset[str]:
    names: set[str] = set()
    for path in source_files():
        for node in ast.walk(ast.parse((SOURCE / path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
                names.add(node.module.partition(".")[0])
    return frozenset(names - set(sys.stdlib_module_names) - {"headstart"})


def declared() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {re.split(r"[<>=\[ ;]", line)[0]: line for line in project["dependencies"]}


def extras() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [line for name, needed in project["optional-dependencies"].items() if name != "dev" for line in needed]
    return {re.split(r"[<>=\[ ;]", line)[0].replace("-", "_") for line in lines}


def test_what_is_imported_is_declared() -> None:
    assert imported() - {MODULES.get(name, name) for name in declared()} - extras() == set()


def test_what_is_declared_is_imported() -> None:
    assert {name for name in declared() if MODULES.get(name, name) not in imported()} - NOT_IMPORTED.keys() == set()


@pytest.mark.parametrize("name", declared())
def test_every_dependency_has_a_lower_bound(name: str) -> None:
    assert re.search(r">=\d", declared()[name])
