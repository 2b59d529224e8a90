"""Files of weights: which one of a folder counts, whether it can be trusted, and what identifies it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from math import prod
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

from headstart.core.errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor

SAFE = "model.safetensors"
INDEX = "model.safetensors.index.json"
PICKLED = ("pytorch_model.bin", "pytorch_model.pth", "model.pth", "model.bin")
LARGEST_INDEX = 64 * 2**20
LARGEST_HEADER = 100_000_000
"""Bytes; the format's own limit."""


def weight_files(folder: Path) -> list[Path]:
    """The files that hold a model's weights, safetensors before pickled ones.

    Raises `ModelError` where there are none, or where an index names a file that is missing or outside the folder.
    """
    if (folder / SAFE).is_file():
        return [folder / SAFE]
    if (folder / INDEX).is_file():
        return [folder / name for name in _shards(folder)]
    for name in PICKLED:
        if (folder / name).is_file():
            return [folder / name]
    names = ", ".join((SAFE, *PICKLED))
    raise ModelError(f"{folder} holds no weights.", hint=f"A model's folder has one of: {names}.")


def _shards(folder: Path) -> list[str]:
    index = folder / INDEX
    try:
        names = sorted(set(json.loads(_text(index))["weight_map"].values()))
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise ModelError(f"{index} is not an index of weights: {error}.") from error
    problems = [f"{index} names the file {name!r}, which is outside its folder." for name in names if escapes(name)]
    problems = problems or [
        f"{index} names the file {name}, which is missing." for name in names if not (folder / name).is_file()
    ]
    if problems or not names:
        raise ModelError(problems or [f"{index} names no files."])
    return names


def escapes(name: object) -> bool:
    """Whether a file name, as written by whoever made a folder, leads out of that folder (or is no name at all)."""
    if not isinstance(name, str) or not name or "\0" in name:
        return True
    kinds = (PurePosixPath(name), PureWindowsPath(name))
    return any(kind.is_absolute() or ".." in kind.parts or bool(kind.drive or kind.root) for kind in kinds)


def check_weights(file: Path) -> None:
    """Raise `ModelError` for a safetensors file whose header does not describe what is in it, or is cut short."""
    if file.suffix == ".safetensors":
        tensor_shapes(file)


def tensor_shapes(file: Path) -> Mapping[str, tuple[int, ...]]:
    """The shape of every tensor of a safetensors file, read from its header."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="numpy") as tensors:
            return {name: tuple(tensors.get_slice(name).get_shape()) for name in tensors.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, OverflowError) as error:
        raise _unsound(file, error) from error


def count_weights(file: Path) -> dict[str, int]:
    """The numbers in every tensor of a safetensors file, as its header claims: quick, and no more than a claim.

    Nothing is held against what is in the file, which `tensor_shapes` does, at the price of importing NumPy.
    """
    try:
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if not 0 < length <= min(file.stat().st_size - 8, LARGEST_HEADER):
                raise ValueError("its header is longer than the file")
            header = json.loads(stream.read(length))
        entries = {name: entry["shape"] for name, entry in header.items() if name != "__metadata__"}
        return {name: prod(map(int, shape)) for name, shape in entries.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _unsound(file, error) from error


def _unsound(file: Path, error: Exception) -> ModelError:
    return ModelError(
        f"{file} is not a sound safetensors file: {error}.",
        hint="It may have been cut short or tampered with; fetch it again.",
    )


def read_weights(file: Path) -> dict[str, Tensor]:
    """The tensors of one file. Raises `ModelError` where it is damaged or could only be read by running its code."""
    import pickle

    import torch

    if file.suffix == ".safetensors":
        from safetensors.torch import load_file

        check_weights(file)
        return load_file(file)
    try:
        content = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ModelError(
            f"{file} holds more than weights: reading it would run code that came with it, which Headstart never does.",
            hint="Ask for a safetensors file, or convert this one on a machine where it is trusted.",
        ) from error
    except (OSError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise ModelError(f"{file} cannot be read as weights: {error}.") from error
    if not isinstance(content, dict):
        raise ModelError(f"{file} holds a {type(content).__name__}, not a dictionary of weights.")
    return content


def without_numbers(weights: Mapping[str, Tensor]) -> list[str]:
    """Names of the weights that hold NaN, which no training leaves behind; infinity may be meant, as in a mask."""
    return [name for name, value in weights.items() if value.is_floating_point() and bool(value.isnan().any())]


def identity(files: list[Path]) -> str:
    """What pins local weights: `sha256:` and the hash of the file, or of the hashes of several."""
    hashes = [_sha256(file, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return "sha256:" + (hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest())


@lru_cache(maxsize=64)
def _sha256(file: Path, size: int, modified: int) -> str:
    del size, modified  # part of the key: a changed file is hashed again
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _text(file: Path) -> str:
    if file.stat().st_size > LARGEST_INDEX:
        raise ValueError("it is far too large")
    return file.read_text(encoding="utf-8")
