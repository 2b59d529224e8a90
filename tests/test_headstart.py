"""The package as it is imported."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import headstart


def imports_for_type_checkers() -> dict[str, str]:
    tree = ast.parse(Path(headstart.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    return {
        alias.asname or "": node.module or ""
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname == alias.name
    }


def test_the_three_places_of_a_public_name_agree() -> None:
    assert imports_for_type_checkers() == headstart._MODULES
    assert {*headstart._MODULES, "__version__"} == set(headstart.__all__)
    assert headstart.__all__ == sorted(headstart.__all__)


@pytest.mark.parametrize("name", headstart.__all__)
def test_every_public_name_can_be_had_and_is_listed(name: str) -> None:
    assert getattr(headstart, name) is not None
    assert name in dir(headstart)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'fti'"):
        headstart.fti  # noqa: B018 - the access is what is tested


def test_importing_headstart_imports_nothing_heavy() -> None:
    code = "import sys; before = set(sys.modules); import headstart; print(*sorted(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    outside = {name.partition(".")[0] for name in loaded} - set(sys.stdlib_module_names) - {"headstart"}
    assert outside == set()
    assert [name for name in loaded if name.startswith("headstart.")] == []


def test_the_module_runs_as_a_command() -> None:
    ended = subprocess.run([sys.executable, "-m", "headstart", "--version"], capture_output=True, text=True, check=True)
    assert ended.stdout == f"headstart {headstart.__version__}\n"
