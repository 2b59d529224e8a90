"""`headstart models list|show|pull`: which pretrained models there are, what is known of one, and fetching it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from headstart.cli.options import Common
from headstart.cli.output import show

if TYPE_CHECKING:
    from headstart.core.card import ModelCard

Model = Annotated[
    str,
    Argument(
        metavar="ID",
        help="timm/NAME, hf/ORG/REPOSITORY[@REVISION], torchvision/NAME[:WEIGHTS], starter/NAME or a folder.",
    ),
]


def list_models(
    common: Common,
    pattern: Annotated[str, Argument(metavar="PATTERN", help="Shell pattern of ids, such as 'timm/mobilenet*'.")] = "*",
    everything: Annotated[
        bool, Option("--all", help="Every model that the libraries know, not only the shortlist.")
    ] = False,
) -> None:
    """List the models of the shortlist, the bundled ones and the cached ones.

    Nothing is fetched, and the hub is not asked.
    """
    from headstart.models.cards.listing import at_hand, where
    from headstart.models.catalogue import catalogue
    from headstart.models.installed import installed

    cards = {card.id: card for card in at_hand(pattern)}
    if everything:
        from headstart import models

        cards = {card.id: card for card in models.list_cards(pattern)} | cards
    found = [{**card.to_json(), "where": where(card)} for card in cards.values()]
    sources = [entry._asdict() for entry in installed()]
    result = {"checked": catalogue().checked, "models": found, "sources": sources}
    show(result, f"{_table(found, pattern)}\n\n{_sources(sources)}", common=common)


def show_model(common: Common, model: Model) -> None:
    """Show all that is known of one model, and whether it can be had from here."""
    from headstart import models

    availability = models.available(model)
    card = models.card(model, pretrained=availability != "missing")
    show({**card.to_json(), "availability": availability}, _facts(card, availability), common=common)


def pull_model(common: Common, model: Model) -> None:
    """Fetch a model, so that it can be used without the network."""
    from headstart import models

    card = models.pull(model)
    show(card.to_json(), f"{card.id} is in {card.location}\nrevision {card.revision}", common=common)


def _table(found: list[dict[str, Any]], pattern: str) -> str:
    if not found:
        return f"No model matches '{pattern}'. headstart models list --all also lists all that the libraries know."
    rows = [("model", "weights", "input", "accuracy", "licence", "pretrained on", "where")]
    rows += [
        (
            entry["id"],
            _millions(entry["parameters"]),
            _input_size(entry["input"] or {}),
            f"{entry['upstream_accuracy']:.1%}" if entry["upstream_accuracy"] is not None else "",
            entry["licence"],
            entry["pretrained_on"],
            entry["where"],
        )
        for entry in found
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _sources(found: list[dict[str, str]]) -> str:
    """One line on what models can come from here."""
    texts = [
        entry["source"]
        if not entry["library"]
        else f"{entry['source']} ({entry['library']} {entry['version'] or 'is not installed: ' + entry['install']})"
        for entry in found
    ]
    return f"sources: {', '.join(texts)}"


def _input_size(facts: dict[str, Any]) -> str:
    """Pixels of a side, or tokens of a window."""
    return str(facts["size"][0]) if "size" in facts else f"{facts['length']} tokens" if "length" in facts else ""


def _input_facts(card: ModelCard) -> str:
    from headstart.core.card import TextInput

    facts = card.input
    if facts is None:
        return ""
    if isinstance(facts, TextInput):
        return f"texts, {facts.length} tokens at a time"
    crop = f"crop {facts.crop_fraction:.3g} ({facts.crop_mode})"
    fixed = ", no other size" if facts.fixed_size else ""
    return f"{facts.size[0]} x {facts.size[1]}, {facts.channels} channels, {facts.interpolation}, {crop}{fixed}"


def _facts(card: ModelCard, availability: str) -> str:
    labels = card.source_labels
    rows = {
        "model": card.id,
        "weights": f"{_millions(card.parameters)}, {card.width} features",
        "gives": ", ".join(card.gives) if "gradient" in card.gives else f"{', '.join(card.gives)}: it is not trained",
        "input": _input_facts(card),
        "pretrained on": card.pretrained_on,
        "classes": f"{len(labels)}: {', '.join(labels[:3])} ..." if labels else "",
        "accuracy": f"{card.upstream_accuracy:.1%} on ImageNet-1k" if card.upstream_accuracy is not None else "",
        "licence": card.licence,
        "revision": card.revision,
        "availability": availability,
        "location": card.location,
        "note": card.note,
    }
    return "\n".join(f"{name:13}  {value}" for name, value in rows.items() if value)


def _millions(count: int | None) -> str:
    return "" if count is None else f"{count / 1e6:.1f} M"
