"""The base of every record: frozen, strict about unknown fields, round-trips through JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from headstart.core.errors import RunError
from headstart.core.files import write_atomically
from headstart.core.refusals import next_step

_FIELD = re.compile(r"[a-z_][a-z0-9_]*")


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
        except OSError as error:
            raise RunError(f"{path} cannot be read: {error.strerror or error}.", hint=next_step(error)) from error
        except ValidationError as error:
            raise RunError(
                f"{path} is damaged, or was written by another version of Headstart: {_first_fault(error)}.",
                hint="Take the file from a copy, use the version that wrote it, or begin anew in another folder.",
            ) from error


def _first_fault(error: ValidationError) -> str:
    """The first thing that is wrong, without the names of our classes and of pydantic's."""
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if fault["type"] == "json_invalid":
        return f"it is no JSON ({fault['msg'].removeprefix('Invalid JSON: ')})"
    # What follows a place where several kinds are allowed is the name of one of them.
    place = ".".join(str(part) for part in fault["loc"] if isinstance(part, int) or _FIELD.fullmatch(part))
    if fault["type"] == "missing":
        return f"'{place}' is missing"
    if fault["type"] == "extra_forbidden":
        return f"'{place}' is not known"
    said = fault["msg"][:1].lower() + fault["msg"][1:]
    return f"'{place}' is not as it should be ({said})" if place else f"it is not as it should be ({said})"
