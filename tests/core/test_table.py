"""Extension tables, with third parties' entries."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint

import pytest

from headstart.core import table
from headstart.core.errors import OptionError
from headstart.core.table import Table


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    groups: list[str] = []

    def entry_points(*, group: str) -> list[EntryPoint]:
        groups.append(group)
        return [EntryPoint("text", "csv:DictReader", group), EntryPoint("own", "csv:Sniffer", group)]

    monkeypatch.setattr(table, "entry_points", entry_points)
    return groups


def test_an_entry_is_imported_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    colours: Table[object] = Table("colour", {"hsv": "colorsys:rgb_to_hsv", "none": "no_such_module:x"})
    assert colours.names() == ["hsv", "none"]
    assert "colorsys" not in sys.modules
    assert colours["hsv"] is sys.modules["colorsys"].rgb_to_hsv


def test_third_parties_add_names_and_take_none_away(asked: list[str]) -> None:
    formats: Table[object] = Table("cell format", {"text": "json:loads"})
    import csv
    import json

    assert list(formats) == ["text", "own"]
    assert formats["text"] is json.loads
    assert formats["own"] is csv.Sniffer
    assert "own" in formats
    assert "other" not in formats
    assert set(asked) == {"headstart.cell_formats"}


@pytest.mark.usefixtures("asked")
def test_an_unknown_name_is_answered_with_the_closest() -> None:
    with pytest.raises(OptionError, match="Unknown format 'txt'. Did you mean 'text'") as raised:
        Table("format", {"text": "json:loads"})["txt"]
    assert raised.value.hint == "Allowed: own, text."
