"""Pairs of torch and torchvision that work together, and pairs that do not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from headstart.core import compatibility
from headstart.core.compatibility import CompatibilityError, check_torch_pair, import_problem, mismatch


@pytest.mark.parametrize(
    ("torch", "torchvision"),
    [
        ("2.14.1", "0.29.1"),
        ("2.11.0", "0.26.0"),
        ("2.13.0+cpu", "0.28.0+cpu"),
        ("2.13.0+cu130", "0.28.0"),
        ("2.11.0a0+git123.nv25", "0.26.0a0"),
        ("2.14.1", None),
        (None, "0.29.1"),
        ("3.0.0", "0.40.0"),
        ("unheard of", "0.29"),
    ],
)
def test_pairs_that_fit_or_of_which_nothing_is_known(torch: str | None, torchvision: str | None) -> None:
    assert mismatch(torch, torchvision) is None


@pytest.mark.parametrize(
    ("torch", "torchvision", "wanted"),
    [
        ("2.13.0+cpu", "0.28.0", ("torch==2.13.*", "torchvision==0.28.*")),
        ("2.13.0+cpu", "0.29.1", ("torch==2.13.*", "torchvision==0.28.*")),
        ("2.14.1", "0.28.0", ("torch==2.14.*", "torchvision==0.29.*")),
        ("2.14.1", "0.29.1+cpu", ("torch==2.14.*", "torchvision==0.29.*")),
    ],
)
def test_pairs_that_do_not_fit(torch: str, torchvision: str, wanted: tuple[str, str]) -> None:
    found = mismatch(torch, torchvision)
    assert found is not None
    problem, hint = found
    assert torch in problem
    assert torchvision in problem
    assert all(name in hint for name in wanted)


def test_what_is_installed_here_fits() -> None:
    check_torch_pair()
    assert import_problem() is None


def test_a_mismatched_pair_is_an_error_with_the_command_that_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {"torch": "2.13.0+cpu", "torchvision": "0.29.0"}
    monkeypatch.setattr(compatibility, "version", versions.__getitem__)
    with pytest.raises(CompatibilityError, match="pip install --force-reinstall 'torch==2.13"):
        check_torch_pair()


def test_checking_imports_nothing() -> None:
    code = (
        "import sys; from headstart.core.compatibility import check_torch_pair; check_torch_pair(); "
        "print({'torch', 'torchvision'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_an_import_that_fails_is_put_into_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)
    problem = import_problem()
    assert problem is not None
    assert "cannot be imported" in problem
    assert "pip install --force-reinstall torch torchvision" in problem
