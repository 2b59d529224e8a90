"""The numbers of pictures and categories in a file of COCO's form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from headstart.core.coco_results import CocoIds
from headstart.core.errors import DataError


def read_coco_ids(path: Path) -> CocoIds:
    """The numbers of a file; it may lack annotations. Raises `DataError` where it has none, or where they repeat."""
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON
        raise DataError(f"{path} is no JSON: {error}.") from error
    problems: list[str] = []
    pictures = _numbers(content, "images", "file_name", path, problems)
    categories = _numbers(content, "categories", "name", path, problems)
    if problems:
        raise DataError(problems, hint="Give a file with `images` and `categories`, each entry with an id and a name.")
    return CocoIds(pictures, categories, path.name)


def _numbers(content: Any, key: str, name: str, path: Path, problems: list[str]) -> dict[str, int]:
    entries = content.get(key) if isinstance(content, dict) else None
    if not isinstance(entries, list):
        problems.append(f"{path} has no list of {key}, as COCO's form asks for.")
        return {}
    found: dict[str, int] = {}
    for place, entry in enumerate(entries):
        named = entry.get(name) if isinstance(entry, dict) else None
        number = entry.get("id") if isinstance(entry, dict) else None
        if not isinstance(named, str) or not isinstance(number, int):
            problems.append(f"{path}: {key}[{place}] has no {name} with a whole number as id.")
        elif named in found:
            problems.append(f"{path}: {key} has '{named}' more than once.")
        else:
            found[named] = number
    return found
