"""The views that a fit has tried, as a table for people: how good each was, what it costs, what it counts for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headstart.core.run_record import RunRecord


NETWORKS = {"pretrained": "pretrained", "tuned": "fine-tuned"}
WORDS = "a bag of words"


def views_text(record: RunRecord, *, width: int = 80) -> str:
    """A line a view, best known by its log loss; then what a prediction takes."""
    from headstart.cli.evaluation_text import plain_table, table_text
    from headstart.core.modality import modality_of, noun

    metric = record.plan.goal.metric.replace("_", " ")
    header = ["view", metric, "log loss", "passes", f"ms a {noun(modality_of(record.plan.task))}", "weight"]
    rows = [
        [
            view.name,
            f"{view.score:.4f}",
            f"{view.log_loss:.4f}",
            str(view.passes),
            "-" if view.milliseconds is None else f"{view.milliseconds:.1f}",
            f"{view.weight:.2f}" if view.weight else "-",
        ]
        for view in record.views
    ]
    items = record.validation.items if record.validation is not None else 0
    title = f"Views, measured on {items} training items that none of them was trained on:"
    return "\n".join([title, table_text(plain_table(header, rows), width), "", _cost(record)])


def _cost(record: RunRecord) -> str:
    """What the saved model is made of, and how many passes a prediction takes: views share those of a network."""
    from headstart.views import VIEWS

    kept = [view for view in record.views if view.weight]
    used = {name for view in kept for name in VIEWS[view.name].networks}
    networks = [word for name, word in NETWORKS.items() if name in used]
    words = any(VIEWS[view.name].words for view in kept)
    if not networks:
        return f"The model is {WORDS}: a prediction passes through no network."
    heads = sum(not VIEWS[view.name].words for view in kept)
    mirrored = any(view.mirrored for view in kept)
    passes = len(networks) * (2 if mirrored else 1)
    what = f"The model is the {' and the '.join(networks)} network with {heads} head{'s' * (heads > 1)}"
    beside = f", and {WORDS} beside {'them' if len(networks) > 1 else 'it'}" if words else ""
    twice = ", on the picture and its mirror image" if mirrored else ""
    return f"{what}{beside}: {passes} pass{'es' * (passes > 1)} a prediction{twice}."
