"""One short text that changes whenever the data do."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from headstart.core.dataset import Dataset

Words = npt.NDArray[np.uint64]


def fingerprint(dataset: Dataset) -> str:
    """32 hexadecimal digits that depend on contents, labels and groups, but not on the order or names of the items.

    `dataset.content` must be filled in.
    """
    if dataset.content is None:
        raise ValueError("fingerprint needs the content hashes of a scanned data set")
    content = np.ascontiguousarray(dataset.content).view(np.uint64).reshape(len(dataset), 2)
    columns = [content[:, 0], content[:, 1], _labels(dataset), _groups(dataset)]
    rows = np.stack(columns, axis=1)[np.lexsort(columns)]
    digest = hashlib.blake2b("\0".join(sorted(dataset.labels)).encode("utf-8", "surrogatepass"), digest_size=16)
    digest.update(rows.astype("<u8").tobytes())
    return digest.hexdigest()


def _labels(dataset: Dataset) -> Words:
    """uint64 (N,): one number for the names of an item's labels, or for what else is to be predicted of it."""
    names = _hashes(dataset.labels)
    if dataset.structured:
        digests = b"".join(target.digest()[:8] for target in dataset.targets)
        return np.frombuffer(digests, "<u8").astype(np.uint64)
    if not dataset.multi_label:
        return np.asarray(names[dataset.targets], np.uint64)
    total = np.zeros(len(dataset), np.uint64)
    for label, name in enumerate(names):
        total += np.where(dataset.targets[:, label] > 0, name, np.uint64(0))
    return total


def _groups(dataset: Dataset) -> Words:
    if dataset.groups is None:
        return np.zeros(len(dataset), np.uint64)
    return np.asarray(_hashes(tuple(dataset.group_names))[dataset.groups], np.uint64)


def _hashes(names: tuple[str, ...]) -> Words:
    digests = [hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest() for name in names]
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)
