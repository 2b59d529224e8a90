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


class Other(Record):
    count: int


class Outer(Record):
    name: str
    value: float = 0.0
    inner: Inner = Inner()
    either: Inner | Other = Inner()


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
    with pytest.raises(RunError, match="cannot be read: Is a directory|cannot be read: Permission denied"):
        Outer.read(tmp_path)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "it is no JSON (EOF while parsing a value at line 1 column 0)"),
        (b"{", "it is no JSON (EOF while parsing an object at line 1 column 1)"),
        (b"\xff", "it is no JSON ("),
        (b'{"name": "n", "more": 1}', "'more' is not known"),
        (b'{"value": 1}', "'name' is missing"),
        (b'{"name": "n", "value": "x"}', "'value' is not as it should be (input should be a valid number"),
        (b'{"name": "n", "inner": {"pairs": [[1]]}}', "'inner.pairs.0.1' is missing"),
        (b'{"name": "n", "inner": 3}', "'inner' is not as it should be ("),
        (b'{"name": "n", "either": {"pairs": 3}}', "'either.pairs' is not as it should be ("),
        (b"[]", "it is not as it should be ("),
    ],
)
def test_a_damaged_one_is_said_in_plain_words(tmp_path: Path, content: bytes, fault: str) -> None:
    (tmp_path / "record.json").write_bytes(content)
    with pytest.raises(RunError) as caught:
        Outer.read(tmp_path / "record.json")
    (problem,) = caught.value.problems
    said = f"{tmp_path / 'record.json'} is damaged, or was written by another version of Headstart: {fault}"
    assert problem.startswith(said)
    assert problem.endswith(".")
    assert not {word for word in ("Outer", "Inner", "pydantic", "http", "validation error") if word in problem}
    assert "copy" in caught.value.hint
