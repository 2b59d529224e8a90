"""Further models."""

from __future__ import annotations

from pathlib import Path

from headstart.comparing.other_models import ARM
from headstart.core.verdict import VerdictOptions


def test_each_further_model_is_one_entry_by_the_strategy_that_was_asked_for() -> None:
    asked = VerdictOptions(model="m", models=("timm/a", "m", "timm/b", "timm/a"), strategy="full")
    entries = ARM.entries(asked)
    assert [(entry.name, entry.options.model) for entry in entries] == [("timm/a", "timm/a"), ("timm/b", "timm/b")]
    assert {entry.options.strategy for entry in entries} == {"full"}
    assert {entry.role for entry in entries} == {"other"}


def test_a_folder_has_the_same_name_wherever_it_is_seen_from(tmp_path: Path) -> None:
    near = ARM.entries(VerdictOptions(model="m", models=("./other",)))
    far = ARM.entries(VerdictOptions(model="m", models=(str(tmp_path / "other"),)))
    assert [entry.name for entry in near] == [entry.name for entry in far] == ["./other"]


def test_folders_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    models = (str(tmp_path / "a" / "net"), str(tmp_path / "b" / "net"))
    assert [entry.name for entry in ARM.entries(VerdictOptions(model="m", models=models))] == ["./net-1", "./net-2"]
