"""Folders that travel with a run."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from headstart.core.errors import ModelError
from headstart.models.files import carried
from headstart.models.files.carried import digest_of, files_of, pack, unpack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a" / "sub").mkdir(parents=True)
    for name, size in (("x.py", 3), ("sub/y.py", 2), ("large.bin", 2000)):
        (tmp_path / "a" / name).write_bytes(b"x" * size)
    for name in (".hidden", "__pycache__"):
        (tmp_path / "a" / name).mkdir()
        (tmp_path / "a" / name / "z.py").write_text("z")
    return tmp_path / "a"


def test_what_was_packed_comes_back_whole(folder: Path, own_cache: Path) -> None:
    names = files_of(folder)
    assert names == ["large.bin", "sub/y.py", "x.py"]
    assert files_of(folder, largest=1000) == ["sub/y.py", "x.py"]
    digest, content = digest_of(folder, names), pack(folder, names)
    assert content == pack(folder, names)
    there = unpack(content, digest=digest, model="m")
    assert there.is_relative_to(own_cache)
    assert {name: (there / name).read_bytes() for name in files_of(there)} == {
        name: (folder / name).read_bytes() for name in names
    }
    assert unpack(b"not even looked at", digest=digest, model="m") == there


def test_what_was_changed_in_the_cache_is_unpacked_again(folder: Path) -> None:
    names = files_of(folder)
    digest, content = digest_of(folder, names), pack(folder, names)
    there = unpack(content, digest=digest, model="m")
    (there / "x.py").write_text("something else")
    assert (unpack(content, digest=digest, model="m") / "x.py").read_text() == "xxx"


def test_another_content_is_refused(folder: Path) -> None:
    names = files_of(folder)
    digest = digest_of(folder, names)
    (folder / "x.py").write_text("changed")
    assert digest_of(folder, names) != digest
    with pytest.raises(ModelError, match="is not what it was saved with"):
        unpack(pack(folder, names), digest=digest, model="m")
    with pytest.raises(ModelError, match="cannot be unpacked"):
        unpack(b"no archive", digest=digest, model="m")


def test_an_archive_that_leads_out_of_its_folder_or_is_far_too_large_is_refused(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("../outside.py", "x")
    with pytest.raises(ModelError, match="outside its folder"):
        unpack(memory.getvalue(), digest="sha256:0", model="m")
    assert not list(own_cache.rglob("outside.py"))
    monkeypatch.setattr(carried, "LARGEST", 2)
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("a", "xxx")
    with pytest.raises(ModelError, match="more than 2 bytes"):
        unpack(memory.getvalue(), digest="sha256:0", model="m")
