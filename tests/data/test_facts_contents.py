"""What the cache of facts says of itself, and forgetting."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.dataset import Stamp
from headstart.core.errors import RunError
from headstart.data.facts import row_of
from headstart.data.facts_cache import Fact, FactsCache, facts_file
from headstart.data.facts_contents import clear_facts, describe_facts
from headstart.data.picture import Header

STAMPS = [Stamp(f"/photos/{number}.jpg", 100, 1) for number in range(3)]


@pytest.fixture
def three_files() -> None:
    row = row_of(Header("PNG", "RGB", 7, 5), content=bytes(16), size=100)
    with FactsCache() as cache:
        cache.add((stamp, Fact(row)) for stamp in STAMPS)


def test_looking_does_not_begin_a_cache(own_cache: Path) -> None:
    described = describe_facts()
    assert (described.files, described.bytes, described.notes) == (0, 0, ())
    assert described.file == str(own_cache / "facts-2.sqlite")
    assert clear_facts() == 0
    assert list(own_cache.iterdir()) == []


@pytest.mark.usefixtures("three_files")
def test_files_are_counted() -> None:
    described = describe_facts()
    assert described.files == 3
    assert described.bytes == facts_file().stat().st_size > 0


@pytest.mark.usefixtures("three_files")
def test_clearing_forgets_what_damage_and_older_versions_left_too(own_cache: Path) -> None:
    for left in ("facts-1.sqlite", "facts-2.sqlite.damaged-7", "other.txt"):
        (own_cache / left).write_bytes(b"x" * 10)
    assert describe_facts().bytes == clear_facts() > 20
    assert [path.name for path in own_cache.iterdir()] == ["other.txt"]
    with FactsCache() as cache:
        assert cache.find(STAMPS) == [None] * 3


def test_damage_is_told(own_cache: Path) -> None:
    facts_file().write_bytes(b"broken" * 1000)
    described = describe_facts()
    assert described.files == 0
    assert described.bytes > 6000
    assert "begun anew" in described.notes[0]


@pytest.mark.usefixtures("three_files")
def test_what_cannot_be_deleted_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(RunError, match="Permission denied"):
        clear_facts()
