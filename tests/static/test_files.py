"""Rules about single files that no linter knows."""

from __future__ import annotations

import re

import pytest

from tests.static.repository import SOURCE, source_files, tracked_files

LONGEST = 350
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc"}
MACHINE_PATH = re.compile(r"(?<![\w.~-])(?:/(?:home|root|work|Users)/|[A-Z]:\\Users\\)")
REGISTRY = re.compile(r"\b(?:pypi\.org|pythonhosted\.org|download\.pytorch\.org)|--(?:extra-)?index-url")
TEXT = {".py", ".md", ".toml", ".txt", ".yml", ".yaml", ".json", ".csv", ".cfg", ".sh", ""}


def test_no_source_file_is_long() -> None:
    lengths = {path: len((SOURCE / path).read_text(encoding="utf-8").splitlines()) for path in source_files()}
    assert {str(path): length for path, length in lengths.items() if length > LONGEST} == {}


def test_every_file_is_named_after_its_idea() -> None:
    assert [str(path) for path in source_files() if {*path.parts[:-1], path.stem} & VAGUE] == []


@pytest.mark.parametrize("pattern", [MACHINE_PATH, REGISTRY], ids=["paths of one machine", "hosts of registries"])
def test_no_tracked_file_names(pattern: re.Pattern[str]) -> None:
    found = [
        f"{path.name}:{number}: {line.strip()[:120]}"
        for path in tracked_files()
        if path.suffix in TEXT and path.name != "test_files.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("text", ["cd /home/me/x", "cache: /" + "root/.cache", "C:\\Users\\me", "(/Users/me/x)"])
def test_a_path_of_one_machine_is_recognised(text: str) -> None:
    assert MACHINE_PATH.search(text)


@pytest.mark.parametrize("text", ["https://host/home/page", "a/work/b", "/tmp/x", "the root/ folder"])
def test_other_paths_are_not(text: str) -> None:
    assert not MACHINE_PATH.search(text)
