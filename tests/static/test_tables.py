"""Every table of extension points against the folder that it stands in."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Any

import pytest

import headstart
from headstart.core.table import Table

FOLDERS = {
    "READERS": "data",
    "SOURCES": "models",
    "TASKS": "tasks",
    "METHODS": "methods",
    "METRICS": "metrics",
    "SCORES": "scores",
    "ARMS": "comparing",
    "CHECKS": "data",
    "OBJECTIVES": "objectives",
}


def modules(folder: str) -> list[ModuleType]:
    package = importlib.import_module(f"headstart.{folder}")
    return [
        package,
        *(importlib.import_module(f"{package.__name__}.{m.name}") for m in pkgutil.iter_modules(package.__path__)),
    ]


def table(name: str) -> Table[Any]:
    (found,) = {
        id(value): value for module in modules(FOLDERS[name]) if (value := getattr(module, name, None))
    }.values()
    assert isinstance(found, Table)
    return found


def public(value: object) -> set[str]:
    return {name for name in dir(value) if not name.startswith("_")}


@pytest.mark.parametrize("name", FOLDERS)
def test_every_entry_loads_and_lies_in_the_folder_of_its_table(name: str) -> None:
    entries = table(name).built_in
    assert entries
    for known, target in entries.items():
        assert table(name)[known] is not None
        assert target.startswith(f"headstart.{FOLDERS[name]}.")


@pytest.mark.parametrize("name", FOLDERS)
def test_everything_of_the_kind_in_the_folder_is_in_the_table(name: str) -> None:
    """Of the kind is what has all the public attributes that the entries of the table have in common."""
    entries = [table(name)[known] for known in table(name).built_in]
    shape = set.intersection(*map(public, entries))
    assert len(shape) >= 2
    forgotten = {
        f"{module.__name__}:{attribute}"
        for module in modules(FOLDERS[name])
        for attribute, value in vars(module).items()
        if isinstance(value, type) == isinstance(entries[0], type) and not isinstance(value, ModuleType)
        if shape <= public(value) and not any(value is entry for entry in entries)
    }
    assert forgotten == set()


def test_no_table_is_left_out() -> None:
    found = {
        attribute
        for info in pkgutil.walk_packages(headstart.__path__, "headstart.")
        if info.name != "headstart.__main__"
        for attribute, value in vars(importlib.import_module(info.name)).items()
        if isinstance(value, Table)
    }
    assert found == set(FOLDERS)


@pytest.mark.parametrize("name", FOLDERS)
def test_an_entry_is_known_by_its_own_name(name: str) -> None:
    named = {known: getattr(table(name)[known], "name", known) for known in table(name).built_in}
    if name != "METRICS":  # a metric's name is what people read, its key what scripts read
        assert named == {known: known for known in named}
