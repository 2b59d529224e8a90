"""Every source file has a test file of the same name, in the same place."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.static.repository import ROOT, SOURCE, source_files

ELSEWHERE: dict[str, str] = {
    "__main__.py": "run by tests/test_headstart.py",
    "cli/failures.py": "how a command ends is tested in processes of their own, by tests/cli/test_cli.py",
    "cli/options.py": "one dataclass, tested through tests/cli/test_parsing.py",
}
"""Source files without a test file of their own, each with the reason."""


def does_something(path: Path) -> bool:
    """Whether a function of the file has a body: records and protocols are declarations, there is nothing to run."""
    tree = ast.parse((SOURCE / path).read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return any(not all(isinstance(line, ast.Expr) for line in function.body) for function in functions)


def expected_test(path: Path) -> Path:
    name = path.parent.name or "headstart" if path.stem == "__init__" else path.stem
    return ROOT / "tests" / path.parent / f"test_{name}.py"


def test_every_source_file_has_a_test_file() -> None:
    needed = [path for path in source_files() if path.as_posix() not in ELSEWHERE and does_something(path)]
    assert [path.as_posix() for path in needed if not expected_test(path).is_file()] == []


@pytest.mark.parametrize("name", ELSEWHERE)
def test_no_exception_is_out_of_date(name: str) -> None:
    assert (SOURCE / name).is_file()
    assert not expected_test(Path(name)).exists()
