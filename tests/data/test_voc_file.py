from __future__ import annotations

from pathlib import Path

import pytest

from headstart.data.voc_file import read_voc
from tests.data.boxes import voc_xml, write_text


def test_what_a_file_says(tmp_path: Path) -> None:
    problems: list[str] = []
    file = write_text(tmp_path / "a.xml", voc_xml([("dog", (2.5, 4, 14, 9)), ("cat", (1, 1, 2, 2))], extra="<x>1</x>"))
    found = read_voc(file, problems)
    assert (found.size, found.names, found.lowest) == ((40, 30), ["dog", "cat"], 1)
    assert found.xyxy[0] == (2.5, 4, 14, 9)
    assert not problems


def test_a_size_that_is_not_given(tmp_path: Path) -> None:
    for size in ("0", "many", "-3", "inf", "1e300"):
        text = f"<annotation><size><width>{size}</width><height>5</height></size></annotation>"
        assert read_voc(write_text(tmp_path / "a.xml", text), []).size == (0, 0)
    assert read_voc(tmp_path / "a.xml", []).lowest == 1


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    problems: list[str] = []
    read_voc(tmp_path / "gone.xml", problems)
    assert "cannot be read" in problems[0]


@pytest.mark.parametrize("name", ["GBK", "gb2312", "gb18030", "Big5", "Shift_JIS", "euc-jp", "utf-8", "windows-1252"])
def test_encodings_that_a_file_names(tmp_path: Path, name: str) -> None:
    label = {"windows-1252": "café", "Big5": "貓"}.get(name, "猫")
    text = f"<?xml version='1.0' encoding='{name}'?>{voc_xml([(label, (1, 2, 3, 4))])}"
    (tmp_path / "a.xml").write_bytes(text.encode(name))
    problems: list[str] = []
    assert read_voc(tmp_path / "a.xml", problems).names == [label]
    assert not problems


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("klingon", "names an encoding that is not known"),
        ("hex", "not known"),
        ("gbk", "is no xml"),
        ("utf-8", "no xml"),
    ],
)
def test_encodings_that_are_not(tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "a.xml").write_bytes(f'<?xml version="1.0" encoding="{name}"?><annotation>'.encode() + b"\xff\xff")
    problems: list[str] = []
    read_voc(tmp_path / "a.xml", problems)
    assert problem in problems[0]
    assert "a.xml" in problems[0]
