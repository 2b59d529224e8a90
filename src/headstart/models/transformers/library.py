"""The library's own ways to a network, of any of its families: freshly initialised, or with the weights of a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers.utils import logging as library_log

from headstart.core.errors import ModelError
from headstart.models.files.weights import check_weights, read_weights, weight_files
from headstart.models.foreign_errors import in_short
from headstart.models.plausible import check_numbers
from headstart.models.transformers.config import config_of

NAMED = 5
"""So many weights that are wrong are named."""


def fresh(family: Any, config: Mapping[str, Any], *, name: str, **options: Any) -> nn.Module:
    """A network of one of the library's `AutoModel...` families, in float32.

    `name` is its type. Raises `ModelError` where it cannot be built.
    """
    check_numbers(config, model=f"this '{name}'")
    read = config_of(config)
    try:
        network: nn.Module = family.from_config(read, dtype=torch.float32, trust_remote_code=False, **options)
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(f"transformers could not build this '{name}': {in_short(error)}.") from error
    return network


def loaded(
    family: Any,
    config: Mapping[str, Any],
    folder: Path,
    *,
    model: str,
    may_lack: Callable[[nn.Module], str] | None = None,
    **options: Any,
) -> tuple[nn.Module, bool]:
    """A network with a folder's weights, in float32, and whether all of its own are among them.

    `may_lack` names the part of the network that may stay at random. Raises `ModelError` where the weights do not fit,
    or hold code.
    """
    for file in weight_files(folder):
        check_weights(file)
        if file.suffix != ".safetensors":
            read_weights(file)  # refuses what is more than weights, in words that a person can act on
    read = config_of(config)
    try:
        with _quiet():
            network, report = family.from_pretrained(
                folder,
                config=read,
                dtype=torch.float32,
                local_files_only=True,
                trust_remote_code=False,
                output_loading_info=True,
                **options,
            )
    except Exception as error:
        raise ModelError(f"transformers could not load the weights of {model}: {in_short(error)}.") from error
    part = None if may_lack is None else f"{may_lack(network)}."
    missing = sorted(report["missing_keys"])
    wrong = {
        "lack parts" if part is None else "lack parts of the body": [
            name for name in missing if part is None or not name.startswith(part)
        ],
        "have parts too many": sorted(name for name in report["unexpected_keys"] if _belongs(name, network)),
        "differ": sorted(map(str, report["mismatched_keys"])),
    }
    problems = [
        f"The weights of {model} {what}: {', '.join(names[:NAMED])}{' ...' if len(names) > NAMED else ''}."
        for what, names in wrong.items()
        if names
    ]
    if problems:
        raise ModelError(problems, hint="The network would not be the one that was trained. Is config.json its own?")
    _into_own_memory(network)
    return network, not missing


def _into_own_memory(network: nn.Module) -> None:
    """Copy weights out of the mapped file, where they may lie unaligned: kernels then add up in another order.

    A network that was saved and loaded again would otherwise differ in the last bits from the one that was saved.
    """
    with torch.no_grad():
        for tensor in (*network.parameters(), *network.buffers()):
            tensor.data = tensor.data.clone()


def _belongs(name: str, network: nn.Module) -> bool:
    """Whether a weight that found no place belongs to a part that the network has, and so should have found one.

    A whole part that it does not have, such as a pooler or a text tower, was trained for something else.
    """
    prefix = getattr(network, "base_model_prefix", "")
    parts = {child for child, _ in network.named_children()}
    base = getattr(network, prefix, None) if prefix else None
    if isinstance(base, nn.Module):
        parts |= {child for child, _ in base.named_children()}
    words = name.split(".")
    first = words[1] if words[0] == prefix and len(words) > 1 else words[0]
    return first in parts


@contextmanager
def _quiet() -> Iterator[None]:
    """Loading reports to us, not to the terminal."""
    verbosity, bars = library_log.get_verbosity(), library_log.is_progress_bar_enabled()
    library_log.set_verbosity_error()
    library_log.disable_progress_bar()
    try:
        yield
    finally:
        library_log.set_verbosity(verbosity)
        if bars:
            library_log.enable_progress_bar()
