"""A large file of the hub: a download that was broken off goes on where it stopped, and is checked before it counts.

The hub's library goes on within one process only, and compares nothing with the hash that the hub gives. Here the file
lies beside its place in the cache until it is whole and right; the library then finds it there.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from headstart.core.errors import ModelError

PART = ".part"
READ_AT_ONCE = 2**22


def fetch_large(repository: str, name: str, *, revision: str, sha256: str, size: int, blobs: Path) -> None:
    """Bring a file into the folder of blobs, under its hash.

    Raises `ModelError` for content of another hash, and whatever the hub's library does where the hub fails.
    """
    from filelock import FileLock
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers

    place, part = blobs / sha256, blobs / f"{sha256}{PART}"
    if place.is_file():
        return
    blobs.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{part}.lock"):
        if place.is_file():  # another process was faster
            return
        there = part.stat().st_size if part.is_file() else 0
        if there > size:
            part.unlink()
            there = 0
        with part.open("ab") as stream:
            address = hf_hub_url(repository, name, revision=revision)
            http_get(address, stream, resume_size=there, headers=build_hf_headers(), expected_size=size)
        if _sha256(part) != sha256:
            part.unlink()
            raise damaged(name)
        part.replace(place)


def damaged(name: str) -> ModelError:
    """The error for a file that is not what the hub says it is."""
    return ModelError(f"{name} arrived damaged: its hash is not the hub's.", hint="Pull it again.")


def _sha256(file: Path) -> str:
    found = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(READ_AT_ONCE):
            found.update(block)
    return found.hexdigest()
