"""`headstart inspect`: what is in labelled data, before anything is trained on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from headstart.cli.data_options import Reading
from headstart.cli.options import Common
from headstart.cli.output import show


def inspect(
    common: Common,
    reading: Reading,
    data: Annotated[str | None, Argument(help="Labelled data in any layout that fit takes.")] = None,
    output: Annotated[
        Path | None, Option("--output", "-o", help="Write profile.json and ledger.json into this folder, too.")
    ] = None,
) -> None:
    """Show what is in labelled data: classes, balance, sizes, bad files, duplicates, leaks."""
    from headstart.cli.profile_text import profile_text
    from headstart.loading import as_data

    loaded = as_data(data, options=reading.options().model_copy(update={"least_classes": 1}))
    if output is not None:
        loaded.profile.write(output / "profile.json")
        loaded.ledger.write(output / "ledger.json")
    answer = {**loaded.profile.to_json(), "ledger": [_line(line) for line in loaded.ledger.to_json()["lines"]]}
    show(answer, profile_text(loaded.profile, loaded.ledger), common=common)


def _line(line: dict[str, object]) -> dict[str, object]:
    """A ledger line with the number of its items; the file written with -o has all their names."""
    items = line["items"]
    assert isinstance(items, list)
    return {**line, "items": len(items), "examples": items[:10]}
