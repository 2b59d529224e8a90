"""The base of every record: frozen, strict about unknown fields, round-trips through JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from headstart.core.errors import RunError
from headstart.core.files import write_atomically


class Record(BaseModel):
    """A frozen value that does no work. Unknown fields are errors, so that a misspelt key is never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=True, ser_json_inf_nan="constants")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return self.model_dump(mode="json")

    def write(self, path: Path) -> None:
        """Write the record as one JSON file; a reader never sees half of it."""
        write_atomically(path, (json.dumps(self.to_json(), indent=2, ensure_ascii=False) + "\n").encode())

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a record back. Raises `RunError` where the file is missing or is not such a record."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError as error:
            raise RunError(f"{path} does not exist.", hint="Is this the folder of a saved run?") from error
        except (OSError, ValidationError) as error:
            raise RunError(f"{path} is not a readable {cls.__name__}: {error}") from error
