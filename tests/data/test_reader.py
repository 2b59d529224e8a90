from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from headstart.data.reader import ReadOptions, local_path, source_name


def test_options_go_through_json_and_refuse_misspelt_names() -> None:
    options = ReadOptions(train="a", label=("x", "y"), multi_label=True, delimiter=";")
    assert ReadOptions.model_validate_json(options.model_dump_json()) == options
    with pytest.raises(ValidationError):
        ReadOptions.model_validate({"labels": "x"})
    with pytest.raises(ValidationError):
        ReadOptions(delimiter=",,")


def test_what_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "there").mkdir()
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    assert local_path(tmp_path / "there") == tmp_path / "there"
    assert local_path("~/there") == tmp_path / "there"
    for source in (tmp_path / "gone", "x" * 5000, "a\0b", tmp_path / "circle", 3, None):
        assert local_path(source) is None


def test_names_for_records(tmp_path: Path) -> None:
    assert source_name(tmp_path) == str(tmp_path)
    assert source_name("owner/name") == "owner/name"
    assert source_name((1, 2)) == "tuple in memory"
