"""Parameters in groups from the input side to the output side, for networks that do not say so themselves."""

from __future__ import annotations

from collections.abc import Iterable

DEEPEST = 2


def by_registration(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of neighbouring parameters in the order in which the network registers them: one group per block.

    A block is what follows up to two indices in a name (`stages.1.layers.0`); outside blocks it is the module that is
    two levels down (`vit.embeddings`).
    """
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(_block(name), []).append(name)
    return [tuple(group) for group in groups.values()]


def _block(name: str) -> str:
    *modules, _ = name.split(".")
    indices = [place for place, word in enumerate(modules) if word.isdigit()][:DEEPEST]
    return ".".join(modules[: indices[-1] + 1 if indices else DEEPEST])
