"""What cached features depend on: whatever changes them makes another entry of the cache."""

from __future__ import annotations

import json
from typing import Literal

from xxhash import xxh3_128

from headstart.core.card import Architecture, ModelInput
from headstart.core.record import Record
from headstart.core.runtime import Precision

View = Literal["plain", "mirrored"]
Kind = Literal["pooled", "stages"]

# Raise when the forward pass or the form on disk changes in a way that old entries do not match.
FORMAT = 2


class FeatureKey(Record):
    """One backbone applied in one way. `weights` is a hash of every value of its state dict."""

    model: str
    revision: str
    weights: str
    architecture: Architecture
    input: ModelInput
    view: View
    decoding: int
    precision: Precision
    kind: Kind = "pooled"
    width: int
    format: int = FORMAT

    def folder_name(self) -> str:
        """32 hexadecimal digits."""
        return xxh3_128(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()
