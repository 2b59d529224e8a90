"""Taking up a download, without a hub: what is sent is said by the test. With one: test_hub.py beside this."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from headstart.core.errors import ModelError
from headstart.models.fetching.resuming import PART, fetch_large

CONTENT = bytes(range(256)) * 40
HASH = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """From which byte on the file was asked for."""
    found: list[int] = []

    def send(address: str, stream: Any, *, resume_size: int, **options: Any) -> None:
        found.append(resume_size)
        stream.write(CONTENT[resume_size:])

    monkeypatch.setattr("huggingface_hub.file_download.http_get", send)
    return found


def fetch(blobs: Path, *, sha256: str = HASH) -> None:
    fetch_large("org/name", "model.safetensors", revision="main", sha256=sha256, size=len(CONTENT), blobs=blobs)


@pytest.mark.parametrize(("there", "start"), [(0, 0), (1000, 1000), (len(CONTENT), len(CONTENT)), (20_000, 0)])
def test_it_goes_on_where_it_stopped(there: int, start: int, asked: list[int], tmp_path: Path) -> None:
    (tmp_path / f"{HASH}{PART}").write_bytes((CONTENT * 2)[:there])
    fetch(tmp_path)
    assert asked == [start]
    assert (tmp_path / HASH).read_bytes() == CONTENT
    assert not (tmp_path / f"{HASH}{PART}").exists()
    fetch(tmp_path)
    assert asked == [start]  # what is there is not asked for


def test_another_content_never_enters_the_cache(asked: list[int], tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="arrived damaged"):
        fetch(tmp_path, sha256="0" * 64)
    assert not [file for file in tmp_path.iterdir() if file.suffix != ".lock"]
