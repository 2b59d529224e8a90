"""Whether a network that a description names can be meant: told before memory is taken for it.

What a description says comes from outside. It may name a width of a billion, or a depth that would never end.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from headstart.core.errors import ModelError

MOST_PARTS = 100_000
"""Modules and parameters of a network: the deepest ones that are published have a few thousand."""
LONGEST_LIST = 10_000
LIMITS = (
    (re.compile(r"layer|depth|block|stage|repeat"), 10_000),
    (re.compile(r"label|classes"), 1_000_000),
    (re.compile(r"image_size|input_size|img_size|patch"), 32_768),
)
"""What libraries loop over or fill lists with before there is a network that could be counted."""
NAMES = ("id2label", "label2id", "label_names", "label_descriptions")
BYTES_PER_WEIGHT = 4


def check_numbers(values: Mapping[str, Any], *, model: str) -> None:
    """Raise `ModelError`, naming each, for numbers of a description that no network has."""
    problems = list(_implausible(values, ""))
    if problems:
        raise ModelError(
            [f"The description of {model} names {problem}." for problem in problems[:10]],
            hint="No network has that. Is config.json the model's own?",
        )


@contextmanager
def bounded() -> Iterator[None]:
    """While it lasts, a network of more parts than any has is given up with a `ModelError`."""
    from torch.nn.modules import module as library

    count = 0

    def counted(*_: Any) -> None:
        nonlocal count
        count += 1
        if count > MOST_PARTS:
            raise ModelError(f"The network that is described has more than {MOST_PARTS:,} parts; no network has that.")

    hooks = [
        library.register_module_module_registration_hook(counted),
        library.register_module_parameter_registration_hook(counted),
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def check_held(parameters: int, files: Iterable[Path], *, model: str) -> None:
    """Raise `ModelError` where files are too small for as many weights as a network has, or the machine is."""
    size = sum(file.stat().st_size for file in files)
    if parameters > size:
        raise ModelError(
            f"{model} is described as a network of {parameters:,} weights, and its files have {size:,} bytes.",
            hint="Is config.json the model's own?",
        )
    check_memory(parameters, model=model)


def check_memory(parameters: int, *, model: str) -> None:
    """Raise `ModelError` where so many weights do not fit into the memory of this machine."""
    needed, there = BYTES_PER_WEIGHT * parameters, _memory()
    if there and needed > there:
        raise ModelError(
            f"{model} has {parameters:,} weights, which need {needed / 1e9:,.1f} GB; this machine has "
            f"{there / 1e9:,.1f} GB of memory.",
            hint="headstart models list shows smaller ones.",
        )


def _memory() -> int:
    """Bytes of this machine's memory; nothing where that cannot be told."""
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return 0
    return max(os.sysconf("SC_PHYS_PAGES"), 0) * os.sysconf("SC_PAGE_SIZE")


def _implausible(value: Any, key: str) -> Iterator[str]:
    """What is wrong with a value and all that is in it, as `1,000,000,000 for 'num_hidden_layers'`."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in NAMES:
                yield from _implausible(inner, str(name))
    elif isinstance(value, list | tuple):
        if len(value) > LONGEST_LIST:
            yield f"a list of {len(value):,} for '{key}'"
            return
        for inner in value:
            yield from _implausible(inner, key)
    elif isinstance(value, int | float):
        most = min((limit for pattern, limit in LIMITS if pattern.search(key)), default=None)
        if most is not None and not value <= most:
            yield f"{_readable(value)} for '{key}'"


def _readable(value: float) -> str:
    return f"{value:,}" if abs(value) < 1e15 else "a number beyond all measure"
