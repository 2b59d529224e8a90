"""Columns of names, such as patients or domains, as codes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headstart.core.ledger import Event

Codes = npt.NDArray[np.int32]
NO_DOMAIN = "(none)"


def group_codes(values: pa.Array, name: Callable[[int], str]) -> tuple[Codes, tuple[str, ...], list[Event]]:
    """int32 (N,) codes, the groups' names, and events; an item without a group is a group of its own.

    `name` gives the name of the item in a row.
    """
    codes, names = _encoded(values)
    alone = np.flatnonzero(codes < 0)
    codes[alone] = len(names) + np.arange(len(alone))
    single = [name(int(row)) for row in alone]
    reason = "no group is given: it is taken as a group of its own"
    return codes, (*names, *(f"(no group) {item}" for item in single)), [("noted", reason, item) for item in single]


def domain_codes(values: pa.Array) -> tuple[Codes, tuple[str, ...]]:
    """int32 (N,) codes and the domains' names; items without one share the domain `(none)`."""
    codes, names = _encoded(values)
    if (codes >= 0).all():
        return codes, names
    return np.where(codes < 0, len(names), codes).astype(np.int32), (*names, NO_DOMAIN)


def _encoded(values: pa.Array) -> tuple[Codes, tuple[str, ...]]:
    encoded = values.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return codes, tuple(encoded.dictionary.to_pylist())
