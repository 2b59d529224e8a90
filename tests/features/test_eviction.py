"""The size of the cache: the least recently used goes first, what is in use stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from headstart.core.errors import OptionError
from headstart.features.eviction import cache_limit, make_room, segment_files
from headstart.features.store import FeatureStore, features_folder
from tests.features.samples import contents, key_of, rows_of


def fill(model: str, *, used: float, count: int = 10) -> Path:
    """A segment of one model that was last used at this second of the epoch; its index."""
    store = FeatureStore(key_of(model=model))
    before = set(store.folder.glob("*.index"))
    with store.writer() as writer:
        writer.append(contents(count), rows_of(count))
    (index,) = set(store.folder.glob("*.index")) - before
    os.utime(index, (used, used))
    return index


def total() -> int:
    return sum(file.size for file in segment_files(features_folder()))


def test_nothing_goes_while_there_is_room() -> None:
    fill("a", used=1)
    assert make_room(features_folder(), 100, limit=total() + 100) == 0
    assert len(list(segment_files(features_folder()))) == 1


def test_the_least_recently_used_goes_first_across_models() -> None:
    oldest, newest, middle = fill("a", used=1), fill("a", used=3), fill("b", used=2)
    size = total() // 3
    assert make_room(features_folder(), size, limit=2 * size) == 0
    assert not oldest.exists()
    assert not oldest.with_suffix(".rows").exists()
    assert not middle.exists()
    assert newest.exists()


def test_what_is_in_use_stays_and_the_excess_is_told() -> None:
    kept, other = fill("a", used=1), fill("a", used=2)
    size = total() // 2
    assert make_room(features_folder(), 7, limit=size, keep={kept}) == 7
    assert kept.exists()
    assert not other.exists()


def test_what_a_crash_left_is_swept_after_a_day() -> None:
    index = fill("a", used=1)
    key = index.parent
    old, young = key / "old.rows", key / "young.rows"
    half = key / ".x.index.tmp"
    for path in (old, young, half):
        path.write_bytes(b"x")
    for path in (old, half):
        os.utime(path, (1, 1))
    make_room(features_folder(), 0, limit=10**9)
    assert sorted(path.suffix for path in key.iterdir()) == [".index", ".json", ".rows", ".rows"]
    assert young.exists()


def test_a_key_without_segments_is_swept_after_a_day() -> None:
    key = fill("a", used=1).parent
    make_room(features_folder(), 0, limit=0)
    assert key.exists()
    os.utime(key, (1, 1))
    make_room(features_folder(), 0, limit=0)
    assert not key.exists()


def test_no_cache_at_all_needs_no_room() -> None:
    assert make_room(features_folder(), 5, limit=10) == 0


@pytest.mark.parametrize(
    ("text", "size"),
    [("500", 500), ("2K", 2000), ("500MB", 5 * 10**8), ("1.5 gb", 15 * 10**8), ("3TiB", 3 * 10**12)],
)
def test_the_limit_is_read(monkeypatch: pytest.MonkeyPatch, text: str, size: int) -> None:
    monkeypatch.setenv("HEADSTART_CACHE_SIZE", text)
    assert cache_limit(features_folder()) == size


@pytest.mark.parametrize("text", ["much", "-1", "5 apples", "GB"])
def test_what_is_no_size_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("HEADSTART_CACHE_SIZE", text)
    with pytest.raises(OptionError, match="HEADSTART_CACHE_SIZE"):
        cache_limit(features_folder())


def test_without_one_it_is_a_tenth_of_the_disk_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADSTART_CACHE_SIZE", raising=False)
    assert 0 < cache_limit(features_folder() / "not" / "there") <= 20 * 10**9
