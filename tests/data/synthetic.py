"""Data sets without pictures, for the tests of everything that only needs labels, groups and content hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Dataset, Part
from headstart.data.columns import ArrayColumn


def content_of(pictures: Sequence[object]) -> npt.NDArray[np.uint8]:
    """uint8 (N, 16): evenly spread hashes, equal for equal pictures."""
    digests = [hashlib.blake2b(str(picture).encode(), digest_size=16).digest() for picture in pictures]
    return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 16)


def synthetic(
    pictures: Sequence[object],
    labels: Sequence[int] | npt.NDArray[Any],
    *,
    groups: Sequence[str] | None = None,
    parts: Sequence[int] | None = None,
    given_parts: tuple[str, ...] = (),
) -> Dataset:
    """A data set whose pictures are any objects; `labels` is (N,), or (N, C) of 0 and 1."""
    targets = np.asarray(labels)
    classes = targets.shape[1] if targets.ndim == 2 else int(targets.max(initial=0)) + 1
    names = tuple(dict.fromkeys(groups or ()))
    return Dataset(
        task="image-classification",
        labels=tuple(f"class {label}" for label in range(classes)),
        inputs=ArrayColumn(list(pictures)),
        targets=targets.astype(np.uint8 if targets.ndim == 2 else np.int32),
        parts=np.full(len(pictures), Part.UNASSIGNED, np.int8) if parts is None else np.array(parts, np.int8),
        source="synthetic",
        given_parts=given_parts,
        groups=None if groups is None else np.array([names.index(group) for group in groups], np.int32),
        group_names=names,
        content=content_of(pictures),
    )
