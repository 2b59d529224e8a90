"""Records are frozen, strict and round-trip through JSON."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from pydantic import ValidationError

from headstart.core.errors import RunError
from headstart.core.record import Record


class Inner(Record):
    pairs: tuple[tuple[int, float], ...] = ()


class Outer(Record):
    name: str
    value: float = 0.0
    inner: Inner = Inner()


def test_a_record_comes_back_from_its_file(tmp_path: Path) -> None:
    record = Outer(name="café", value=math.inf, inner=Inner(pairs=((1, 0.1), (2, 1e-300))))
    record.write(tmp_path / "record.json")
    assert Outer.read(tmp_path / "record.json") == record
    assert "café" in (tmp_path / "record.json").read_text(encoding="utf-8")


def test_a_number_that_is_no_number_comes_back(tmp_path: Path) -> None:
    Outer(name="n", value=math.nan).write(tmp_path / "record.json")
    assert math.isnan(Outer.read(tmp_path / "record.json").value)


def test_a_record_cannot_be_changed_and_refuses_unknown_fields() -> None:
    record = Outer(name="n")
    with pytest.raises(ValidationError, match="frozen"):
        record.name = "m"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="Extra inputs"):
        Outer.model_validate({"name": "n", "valu": 1})


def test_a_missing_file_and_a_wrong_one_are_said(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="does not exist") as raised:
        Outer.read(tmp_path / "record.json")
    assert raised.value.hint
    for content in (b"", b"{", b'{"name": "n", "more": 1}', b"\xff"):
        (tmp_path / "record.json").write_bytes(content)
        with pytest.raises(RunError, match="is not a readable Outer"):
            Outer.read(tmp_path / "record.json")
    with pytest.raises(RunError, match="is not a readable Outer"):
        Outer.read(tmp_path)
