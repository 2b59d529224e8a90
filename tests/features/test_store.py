"""The store: found by content, shared by processes, and never trusted where it is damaged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.errors import RunError
from headstart.features import store as store_module
from headstart.features.key import FeatureKey
from headstart.features.store import DESCRIPTION, FeatureStore, features_folder
from tests.features.samples import contents, key_of, rows_of


def fill(store: FeatureStore, content: npt.NDArray[np.uint8], rows: npt.NDArray[np.float32]) -> None:
    with store.writer() as writer:
        writer.append(content, rows)


def read(store: FeatureStore, content: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    places = store.find(content)
    assert not len(places.missing())
    return np.stack([places.segments[s].rows[r] for s, r in zip(places.segment, places.row, strict=True)])


def test_rows_are_found_by_content_whatever_the_order() -> None:
    fill(FeatureStore(key_of()), contents(6), rows_of(6))
    order = np.array([5, 0, 3, 3, 1])
    assert np.array_equal(read(FeatureStore(key_of()), contents(6)[order]), rows_of(6)[order])


def test_what_is_not_there_is_missing() -> None:
    store = FeatureStore(key_of())
    assert store.find(contents(3)).missing().tolist() == [0, 1, 2]
    fill(store, contents(2), rows_of(2))
    assert store.find(contents(4)).missing().tolist() == [2, 3]
    assert not len(store.find(np.zeros((0, 16), np.uint8)).missing())


@given(st.lists(st.binary(min_size=16, max_size=16), unique=True, min_size=1, max_size=8), st.integers(0, 7))
def test_hashes_that_look_like_text_or_end_in_zeros_are_told_apart(hashes: list[bytes], known: int) -> None:
    store = FeatureStore(key_of(model=f"test/{hash((tuple(hashes), known))}"))
    content = np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, 16)
    fill(store, content[:known], rows_of(len(content[:known])))
    assert store.find(content).missing().tolist() == list(range(known, len(hashes)))


def test_keys_do_not_mix() -> None:
    fill(FeatureStore(key_of()), contents(2), rows_of(2))
    assert len(FeatureStore(key_of(model="test/other")).find(contents(2)).missing()) == 2


def test_segments_are_cut_at_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "ROWS_PER_SEGMENT", 4)
    store = FeatureStore(key_of())
    with store.writer() as writer:
        for start in range(0, 10, 2):
            writer.append(contents(2, start=start), rows_of(10)[start : start + 2])
    assert np.array_equal(read(store, contents(10)), rows_of(10))
    assert len(store.paths()) == 3


def test_rows_are_published_while_writing_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "SECONDS_BETWEEN_INDEXES", 0.0)
    reader = FeatureStore(key_of())
    with FeatureStore(key_of()).writer() as writer:
        writer.append(contents(2), rows_of(4)[:2])
        assert np.array_equal(read(reader, contents(2)), rows_of(4)[:2])
        writer.append(contents(2, start=2), rows_of(4)[2:])
        assert np.array_equal(read(reader, contents(4)), rows_of(4))


def test_what_was_computed_before_an_interruption_is_kept() -> None:
    def interrupted() -> None:
        with FeatureStore(key_of()).writer() as writer:
            writer.append(contents(2), rows_of(2))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert np.array_equal(read(FeatureStore(key_of()), contents(2)), rows_of(2))


def test_a_damaged_row_is_given_up_and_no_other() -> None:
    fill(FeatureStore(key_of()), contents(4), rows_of(4))
    (path,) = features_folder().rglob("*.rows")
    data = bytearray(path.read_bytes())
    data[16 + 3] ^= 1
    path.write_bytes(data)
    store = FeatureStore(key_of())
    assert store.check(store.find(contents(4)[[2, 1, 1, 0]])).tolist() == [1, 2]
    for again in (store, FeatureStore(key_of())):
        assert again.find(contents(4)).missing().tolist() == [1]


def test_an_unreadable_index_is_removed_and_named() -> None:
    fill(FeatureStore(key_of()), contents(4), rows_of(4))
    (path,) = features_folder().rglob("*.index")
    path.write_bytes(b"garbage" * 10)
    store = FeatureStore(key_of())
    assert len(store.find(contents(4)).missing()) == 4
    assert store.unreadable == [path.name]
    assert not list(features_folder().rglob("*.rows"))


def test_a_segment_that_another_process_deletes_stays_readable_here() -> None:
    store = FeatureStore(key_of())
    fill(store, contents(2), rows_of(2))
    places = store.find(contents(2))
    for path in [*features_folder().rglob("*.index"), *features_folder().rglob("*.rows")]:
        path.unlink()
    assert not len(store.check(places))
    assert np.array_equal(read(store, contents(2)), rows_of(2))
    assert len(FeatureStore(key_of()).find(contents(2)).missing()) == 2


def test_checking_counts_as_use() -> None:
    fill(FeatureStore(key_of()), contents(2), rows_of(2))
    (path,) = features_folder().rglob("*.index")
    os.utime(path, (1, 1))
    store = FeatureStore(key_of())
    store.check(store.find(contents(2, start=5)))
    assert path.stat().st_mtime == 1
    store.check(store.find(contents(2)))
    assert path.stat().st_mtime > 1


def test_the_folder_says_what_it_is() -> None:
    fill(FeatureStore(key_of()), contents(1), rows_of(1))
    assert FeatureKey.read(FeatureStore(key_of()).folder / DESCRIPTION) == key_of()


def test_a_cache_that_cannot_be_read_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    fill(FeatureStore(key_of()), contents(1), rows_of(1))

    def refuse(path: Path, width: int) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(store_module, "read_segment", refuse)
    with pytest.raises(RunError, match="Permission denied"):
        FeatureStore(key_of()).find(contents(1))


WRITER = """
import json, sys
import numpy as np
from headstart.features.key import FeatureKey
from headstart.features.store import FeatureStore
key, first = FeatureKey.model_validate(json.loads(sys.argv[1])), int(sys.argv[2])
sys.stdin.readline()
for start in range(first, first + 200, 10):
    items = np.arange(start, start + 10)
    content = np.zeros((10, 16), np.uint8)
    content[:, 0], content[:, 1], content[:, 15] = items % 256, items // 256, 1
    store = FeatureStore(key)
    missing = store.find(content).missing()
    with store.writer() as writer:
        writer.append(content[missing], np.repeat(items[missing, None], 4, axis=1).astype(np.float32))
"""


def test_two_processes_write_at_once() -> None:
    key = json.dumps(key_of().to_json())
    command = [sys.executable, "-c", WRITER, key]
    both = [subprocess.Popen([*command, str(first)], stdin=subprocess.PIPE, text=True) for first in (0, 100)]
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.wait(60) for process in both] == [0, 0]
    items = np.arange(300)
    content = np.zeros((300, 16), np.uint8)
    content[:, 0], content[:, 1], content[:, 15] = items % 256, items // 256, 1
    store = FeatureStore(key_of())
    places = store.find(content)
    assert not len(store.check(places))
    assert np.array_equal(read(store, content)[:, 0], items.astype(np.float32))
