"""`headstart cache`: what has been computed once and kept, and how to get rid of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from typer import Argument

from headstart.cli.options import Common
from headstart.cli.output import show
from headstart.cli.sizes import size

if TYPE_CHECKING:
    from headstart.data.facts_contents import FactsDescription
    from headstart.features.contents import CacheDescription


def show_cache(common: Common) -> None:
    """Show what is cached: features, last used first, and facts about files."""
    from headstart.data.facts_contents import describe_facts
    from headstart.features.contents import describe

    features, facts = describe(), describe_facts()
    text = f"{_features_text(features)}\n\n{_facts_text(facts)}"
    show({**features.to_json(), "facts": facts.to_json()}, text, common=common)


def clear_cache(
    common: Common,
    models: Annotated[
        str, Argument(help="Only features of models whose id matches this pattern, such as 'timm/*'; facts then stay.")
    ] = "*",
) -> None:
    """Delete cached features and facts about files; they are computed again when they are needed."""
    from headstart.data.facts_contents import clear_facts
    from headstart.features.contents import clear

    freed = clear(models) + (clear_facts() if models == "*" else 0)
    show({"freed_bytes": freed}, f"Set {size(freed)} free.", common=common)


def _facts_text(described: FactsDescription) -> str:
    counted = f"{described.file}: {size(described.bytes)}, facts about {described.files} files"
    return "\n".join([counted, *described.notes])


def _features_text(described: CacheDescription) -> str:
    head = f"{described.folder}: {size(described.bytes)} of at most {size(described.limit)}"
    rows = [("model", "precision", "pictures", "size", "last used")]
    for entry in described.entries:
        used = datetime.fromtimestamp(entry.used).astimezone().strftime("%Y-%m-%d %H:%M")
        rows.append((entry.key.model, entry.key.precision, str(entry.items), size(entry.bytes), used))
    if len(rows) == 1:
        return f"{head}\nIt is empty."
    width = max(len(row[0]) for row in rows)
    return "\n".join(
        [head, "", *(f"{row[0]:{width}}  {row[1]:9}  {row[2]:>8}  {row[3]:>10}  {row[4]}" for row in rows)]
    )
