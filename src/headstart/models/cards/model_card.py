"""The page that goes with a pretrained model: what it is, what it learnt from, how, and how well."""

from __future__ import annotations

import json
import shlex

from headstart.core.card import InputFacts
from headstart.core.pretraining import USUAL, ObjectiveName, PretrainOptions, PretrainRecord

LICENCE_NOTE = """\
The licence above is what whoever trained the model gives the weights under. The terms of the data are a matter of their
own: read them before you use or pass on the model."""


def model_card(record: PretrainRecord, *, name: str, facts: InputFacts, note: str = LICENCE_NOTE) -> str:
    """Markdown, with the metadata at its head that model hubs read."""
    options = record.options
    data = options.data_name or f"`{record.source}`"
    lines = [
        "---",
        "library_name: timm",
        "pipeline_tag: image-classification",
        f"license: {metadata_licence(options)}",
        "---",
        f"# {name}",
        "",
        f"{options.architecture} of timm with {record.parameters / 1e6:.2f} million weights, trained from scratch on "
        f"{record.labels} classes of {data}. A folder in the form that timm's `local-dir:` loads.",
        "",
        "## Accuracy",
        _accuracy(record),
        "",
        "## Data",
        f"{data}: {record.items['train']:,} pictures for training, {record.items['held out']:,} held out.",
        "",
        "## Input",
        f"{facts.size[0]} x {facts.size[1]} pixels, {facts.interpolation}, crop fraction {facts.crop_fraction:g}, "
        f"mean {_numbers(facts.mean)}, standard deviation {_numbers(facts.std)}.",
        "",
        "## Recipe",
        *_recipe(record),
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


def metadata_licence(options: PretrainOptions) -> str:
    """The licence as hubs write it."""
    return options.licence.lower() if options.licence != "unknown" else "other"


def command(options: PretrainOptions, *, data: str, output: str) -> str:
    """The command line that asks for these options, which are settled."""
    usual = PretrainOptions()
    objective: ObjectiveName = "classification" if options.objective == "auto" else options.objective
    meant = {**usual.to_json(), **USUAL[objective], "objective": options.objective}
    shown = {"architecture", "epochs", "seed", *(("image_size",) if objective == "classification" else ())}
    words = ["headstart", "pretrain", data, "--output", output]
    for field in PretrainOptions.model_fields:
        value = getattr(options, field)
        if value is not None and (value != meant[field] or field in shown):
            text = json.dumps(value, separators=(",", ":")) if isinstance(value, dict) else str(value)
            words += [f"--{field.replace('_', '-')}", text]
    return shlex.join(words)


def _accuracy(record: PretrainRecord) -> str:
    if record.accuracy is None:
        return "No pictures were held out, so nothing is known of it."
    return (
        f"For {100 * record.accuracy:.1f} % of {record.items['held out']:,} held-out pictures ({record.held_out}) the "
        "most probable label is their own: measured with the saved, half-precision weights."
    )


def _recipe(record: PretrainRecord) -> list[str]:
    options = record.options
    start = f", from {options.start_size} pixels a side at the start" if options.start_size else ""
    average = f", weights averaged with decay {options.average_decay:g}" if options.average_decay else ""
    ended = f" It ended early: {record.stopped}." if record.stopped else ""
    rate, cores = record.examples_per_second, record.environment.get("cores", "?")
    return [
        f"{record.epochs} of {options.epochs} epochs, {record.steps:,} steps of {options.batch_size}; "
        f"{options.optimizer} at {options.learning_rate:g}, warm-up {options.warm_up:g}, cosine, weight decay "
        f"{options.weight_decay:g}, label smoothing {options.label_smoothing:g}, augmentation "
        f"`{options.augmentation}`{start}{average}; seed {options.seed}.{ended}",
        "",
        f"{record.seconds:,.0f} s at {rate:,.0f} pictures a second ({record.environment.get('device', 'cpu')}, {cores} "
        f"cores, torch {record.environment.get('torch', '?')}).",
    ]


def _numbers(values: tuple[float, ...]) -> str:
    return "(" + ", ".join(f"{value:g}" for value in values) + ")"
