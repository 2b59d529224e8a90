"""Folders that a network cannot do without, packed so that they travel with a run: code, or a SavedModel."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from headstart.core.errors import ModelError
from headstart.core.runtime import cache_folder
from headstart.models.files.weights import escapes

DAY = (1980, 1, 1, 0, 0, 0)
LARGEST = 8 * 2**30
"""Bytes that are unpacked at most; what says that it holds more is no model."""


def files_of(folder: Path, *, largest: int | None = None) -> list[str]:
    """Every file below a folder by its name within it, but for hidden ones, compiled ones and ones beyond `largest`."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__pycache__")
        for name in sorted(names):
            path = Path(place) / name
            small = largest is None or path.stat().st_size <= largest
            if not name.startswith(".") and path.is_file() and small:
                found.append(path.relative_to(folder).as_posix())
    return sorted(found)


def digest_of(folder: Path, names: Sequence[str]) -> str:
    """`sha256:` and the hash of the names and contents of these files."""
    digest = hashlib.sha256()
    for name in names:
        with (folder / name).open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        digest.update(f"{name}\0{content}\n".encode())
    return f"sha256:{digest.hexdigest()}"


def pack(folder: Path, names: Sequence[str]) -> bytes:
    """These files as an archive that depends on nothing but their names and contents."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name, DAY), (folder / name).read_bytes(), zipfile.ZIP_DEFLATED)
    return memory.getvalue()


def unpack(content: bytes, *, digest: str, model: str) -> Path:
    """A folder of the cache with what `pack` made, whose hash has to be `digest`.

    Raises `ModelError` where it is not, or where the archive is none or leads out of its folder.
    """
    target = cache_folder() / "carried" / digest.removeprefix("sha256:")
    if target.is_dir() and digest_of(target, files_of(target)) == digest:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        fresh = Path(name) / "files"
        _extract(content, fresh, model)
        if digest_of(fresh, files_of(fresh)) != digest:
            raise ModelError(
                f"What travels with {model} is not what it was saved with: its hash is not {digest}.",
                hint="Copy the run again, or fit it again.",
            )
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    return target


def _extract(content: bytes, target: Path, model: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            outside = [name for name in archive.namelist() if escapes(name)]
            if outside:
                raise ModelError([f"What travels with {model} names {name!r}, outside its folder." for name in outside])
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
                raise ModelError(f"What travels with {model} says that it unpacks to more than {LARGEST} bytes.")
            archive.extractall(target)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as error:
        raise ModelError(
            f"What travels with {model} cannot be unpacked: {error}.", hint="Copy the run again, or fit it again."
        ) from error
