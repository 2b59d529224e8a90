"""The cache of facts: remembers, forgets what has changed, is shared, survives damage, and is never needed."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import numpy as np
import PIL
import pytest

from headstart.core.dataset import Stamp
from headstart.data.facts import row_of
from headstart.data.facts_cache import Fact, FactsCache
from headstart.data.picture import Header

STAMP = Stamp("/photos/eins.jpg", 100, 1_700_000_000_000_000_001)


def fact(width: int = 7) -> Fact:
    return Fact(row_of(Header("PNG", "RGB", width, 5), content=bytes(16), size=100))


def same(found: Fact | None, expected: Fact) -> bool:
    return found is not None and found.row == expected.row and found[1:] == expected[1:]


def test_what_is_added_is_found_by_the_next_process(own_cache: Path) -> None:
    with FactsCache() as cache:
        assert cache.find([STAMP, None]) == [None, None]
        cache.add([(STAMP, fact())])
    with FactsCache() as cache:
        found = cache.find([None, STAMP, STAMP])
        assert found[0] is None
        assert same(found[1], fact())
        assert same(found[2], fact())
        assert cache.notes == []
    assert [path.name for path in own_cache.iterdir()] == ["facts-2.sqlite"]


@pytest.mark.parametrize(
    "changed",
    [
        STAMP._replace(path="/photos/zwei.jpg"),
        STAMP._replace(size=101),
        STAMP._replace(modified_ns=STAMP.modified_ns + 1),
    ],
)
def test_a_file_that_has_changed_is_unknown(changed: Stamp) -> None:
    with FactsCache() as cache:
        cache.add([(STAMP, fact())])
        assert cache.find([changed]) == [None]
        cache.add([(changed, fact(9))])
        assert same(cache.find([changed])[0], fact(9))


def test_more_files_than_one_question_can_name() -> None:
    stamps = [Stamp(f"/photos/{number}.jpg", number, number) for number in range(1700)]
    with FactsCache() as cache:
        cache.add((stamp, fact(stamp.size)) for stamp in stamps[::2])
        widths = [None if found is None else int(found.row["width"][0]) for found in cache.find(stamps)]
    assert widths == [number if number % 2 == 0 else None for number in range(1700)]


def test_problems_are_remembered_until_pillow_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = fact()._replace(kind="damaged", reason="damaged AVIF")
    with FactsCache() as cache:
        cache.add([(STAMP, problem), (STAMP._replace(path="/photos/gut.jpg"), fact())])
        assert same(cache.find([STAMP])[0], problem)
        monkeypatch.setattr(PIL, "__version__", "99.0")
        assert cache.find([STAMP]) == [None]
        assert same(cache.find([STAMP._replace(path="/photos/gut.jpg")])[0], fact())


@pytest.mark.parametrize("content", [b"this is no data base at all" * 200, b""])
def test_a_damaged_cache_is_moved_aside_and_begun_anew(own_cache: Path, content: bytes) -> None:
    path = own_cache / "facts-2.sqlite"
    path.write_bytes(content)
    with FactsCache() as cache:
        cache.add([(STAMP, fact())])
        assert same(cache.find([STAMP])[0], fact())
        assert len(cache.notes) == (1 if content else 0)
    aside = [path for path in own_cache.iterdir() if ".damaged-" in path.name]
    assert [path.read_bytes() for path in aside] == ([content] if content else [])


def test_damage_inside_is_met_later_and_handled_too(own_cache: Path) -> None:
    with FactsCache() as cache:
        cache.add((Stamp(f"/{number}", 1, 1), fact()) for number in range(3000))
    path = own_cache / "facts-2.sqlite"
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)
    with FactsCache() as cache:
        assert cache.find([STAMP]) == [None]
        cache.add([(STAMP, fact())])
        assert same(cache.find([STAMP])[0], fact())
        assert len(cache.notes) == 1
        assert "was damaged" in cache.notes[0]


def test_a_row_of_another_layout_is_unknown(own_cache: Path) -> None:
    with FactsCache() as cache:
        cache.add([(STAMP, fact())])
    with sqlite3.connect(own_cache / "facts-2.sqlite") as connection:
        connection.execute("UPDATE facts SET row = x'00'")
    with FactsCache() as cache:
        assert cache.find([STAMP]) == [None]


def test_without_a_place_to_write_it_is_done_without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "file" / "cache"))
    with FactsCache() as cache:
        cache.add([(STAMP, fact())])
        assert cache.find([STAMP]) == [None]
        (note,) = cache.notes
        assert "cannot be used" in note


def test_several_may_write_at_once() -> None:
    def write(start: int) -> None:
        with FactsCache() as cache:
            for number in range(start, start + 40):
                cache.add([(Stamp(f"/{number}", 1, 1), fact(number + 1))])
            assert cache.notes == []

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 40, 80)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with FactsCache() as cache:
        found = cache.find([Stamp(f"/{number}", 1, 1) for number in range(120)])
    assert [0 if one is None else int(one.row["width"][0]) for one in found] == list(np.arange(120) + 1)
