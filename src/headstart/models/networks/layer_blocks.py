"""Parameters in groups of one block each, told from how the modules of a network lie in one another."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn


def by_block(network: nn.Module, *, opened: tuple[type[nn.Module], ...] = ()) -> list[tuple[str, ...]]:
    """Names of parameters, one group per block, in the order in which the network registers them.

    Lists and sequences of blocks are opened, and modules of the kinds in `opened`, until what is inside is a block: a
    module with its own way of computing, or a sequence of a kind of its own that holds bare layers (a convolution with
    its normalisation).
    """
    return [names for names in _blocks(network, "", (type(network), *opened)) if names]


def _blocks(module: nn.Module, prefix: str, opened: tuple[type[nn.Module], ...]) -> Iterator[tuple[str, ...]]:
    if not (type(module) in opened or _holds_blocks(module)):
        yield tuple(f"{prefix}{name}" for name, _ in module.named_parameters())
        return
    for name, _ in module.named_parameters(recurse=False):
        yield (f"{prefix}{name}",)
    for name, child in module.named_children():
        yield from _blocks(child, f"{prefix}{name}.", opened)


def _holds_blocks(module: nn.Module) -> bool:
    """Whether a module is only what its children lie in."""
    if type(module) in (nn.Sequential, nn.ModuleList, nn.ModuleDict):
        return True
    nested = [any(True for _ in child.children()) for child in module.children()]
    return isinstance(module, nn.Sequential | nn.ModuleList | nn.ModuleDict) and bool(nested) and all(nested)
