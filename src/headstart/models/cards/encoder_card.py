"""The page that goes with a pretrained encoder of texts: what it is, what it read, how, and how well it guesses."""

from __future__ import annotations

from headstart.core.pretraining import PretrainRecord
from headstart.models.cards.model_card import LICENCE_NOTE, command, metadata_licence


def encoder_card(record: PretrainRecord, *, name: str, note: str = LICENCE_NOTE) -> str:
    """Markdown, with the metadata at its head that model hubs read."""
    options = record.options
    data = options.data_name or f"`{record.source}`"
    ended = f" It ended early: {record.stopped}." if record.stopped else ""
    average = f", weights averaged with decay {options.average_decay:g}" if options.average_decay else ""
    cores = record.environment.get("cores", "?")
    lines = [
        "---",
        "library_name: transformers",
        "pipeline_tag: fill-mask",
        f"license: {metadata_licence(options)}",
        "datasets:",
        f"- {options.data_name or record.source}",
        "---",
        f"# {name}",
        "",
        f"{options.architecture} of transformers with {record.parameters / 1e6:.2f} million weights and "
        f"{record.labels:,} tokens, trained from scratch to fill in the words that are left out of {data}. No labels "
        "were used.",
        "",
        "## Accuracy",
        _accuracy(record),
        "",
        "## Data",
        f"{data}: {record.items['train']:,} texts for training, {record.items['held out']:,} held out.",
        "",
        "## Input",
        f"Windows of {options.window} tokens; the tokenizer is in the folder, and was made from the training texts.",
        "",
        "## Recipe",
        f"{record.epochs} of {options.epochs} epochs, {record.steps:,} steps of {options.batch_size} windows, "
        f"{100 * options.masked_share:g} % of the tokens left out; {options.optimizer} at {options.learning_rate:g}, "
        f"warm-up {options.warm_up:g}, cosine, weight decay {options.weight_decay:g}{average}; seed "
        f"{options.seed}.{ended}",
        "",
        f"{record.seconds:,.0f} s at {record.examples_per_second:,.1f} windows a second "
        f"({record.environment.get('device', 'cpu')}, {cores} cores, torch {record.environment.get('torch', '?')}).",
        "",
        "```bash",
        command(options, data=record.source, output=name),
        "```",
        "",
        "## Licence",
        note,
        "",
    ]
    return "\n".join(lines)


def _accuracy(record: PretrainRecord) -> str:
    if record.accuracy is None:
        return "No texts were held out, so nothing is known of it."
    return (
        f"{100 * record.accuracy:.1f} % of the tokens left out of {record.items['held out']:,} held-out texts "
        f"({record.held_out}) are its most probable guess: measured with the saved, half-precision weights."
    )
