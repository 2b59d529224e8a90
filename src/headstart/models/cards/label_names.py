"""The names of the classes of a config of transformers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any


def label_names(config: Mapping[str, Any]) -> tuple[str, ...]:
    """The class names of a config in the order of its logits; empty where they are only placeholders."""
    names = config.get("id2label")
    if not isinstance(names, Mapping):
        return ()
    try:
        ordered = [str(names[key]) for key in sorted(names, key=int)]
    except (TypeError, ValueError):
        return ()
    return () if _placeholders(ordered) else tuple(ordered)


def _placeholders(names: Iterable[str]) -> bool:
    return all(re.fullmatch(r"LABEL_\d+", name) for name in names)
