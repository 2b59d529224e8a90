"""Extension tables: a name leads to `module:attribute`, imported only when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from importlib.metadata import entry_points
from typing import Generic, TypeVar, cast

from headstart.core.errors import unknown

Entry = TypeVar("Entry")


class Table(Generic[Entry]):
    """Lazy lookup of the things of one kind, in the order they are written down.

    Third parties extend a table through the entry-point group `headstart.<kind>`; a built-in name wins over theirs.
    """

    def __init__(self, kind: str, entries: Mapping[str, str]) -> None:
        self.kind = kind
        self.built_in = dict(entries)

    def names(self) -> list[str]:
        """Every known name: built-in ones first, then those of installed extensions."""
        return [*self.built_in, *(name for name in self._extensions if name not in self.built_in)]

    def __contains__(self, name: object) -> bool:
        return name in self.built_in or name in self._extensions

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __getitem__(self, name: str) -> Entry:
        """Import and return one entry. Raises `OptionError`, with a suggestion, for an unknown name."""
        target = self.built_in.get(name) or self._extensions.get(name)
        if target is None:
            raise unknown(self.kind, name, self.names())
        module, _, attribute = target.partition(":")
        return cast(Entry, getattr(import_module(module), attribute))

    @cached_property  # the metadata of every installed package are read for it
    def _extensions(self) -> dict[str, str]:
        return {point.name: point.value for point in entry_points(group=f"headstart.{self.kind.replace(' ', '_')}s")}
