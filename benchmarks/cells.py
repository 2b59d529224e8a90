"""Measurements that take minutes each, kept one by one so that a run that is stopped goes on where it was."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Found = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Cells:
    """Cells by name in one JSON file."""

    file: Path

    def read(self) -> Found:
        """The cells that are measured."""
        return json.loads(self.file.read_text()) if self.file.exists() else {}

    def add(self, name: str, cell: dict[str, Any]) -> None:
        """Keep one more; an interrupted write leaves the old ones."""
        self.file.parent.mkdir(exist_ok=True)
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(self.read() | {name: cell}, indent=2) + "\n")
        new.replace(self.file)
