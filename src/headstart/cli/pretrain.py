"""`headstart pretrain`: from a large data set to a model that others can be fine-tuned from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from headstart.cli.data_options import Reading
from headstart.cli.fit import Augmentation, Optimizer, Precision, checked, folder_of
from headstart.cli.options import Common
from headstart.cli.output import show

if TYPE_CHECKING:
    from headstart.core.pretraining import PretrainRecord


class ObjectiveWord(StrEnum):
    """What can be learnt."""

    auto = "auto"
    classification = "classification"
    masked_language_model = "masked-language-model"


@dataclass(frozen=True)
class Recipe:
    """How to train; what has no default here depends on the objective."""

    objective: Annotated[ObjectiveWord, Option(help="What is learnt; auto: by what the items are.")] = (
        ObjectiveWord.auto
    )
    image_size: Annotated[int, Option(help="Pixels a side.")] = 64
    start_size: Annotated[int | None, Option(help="Pixels a side at the start; they grow from there.")] = None
    window: Annotated[int, Option(help="Tokens of a text that are seen at a time.")] = 128
    masked_share: Annotated[float, Option(help="Share of the tokens that are left out, to be guessed.")] = 0.15
    vocabulary: Annotated[int, Option(help="Different tokens at most.")] = 5000
    epochs: Annotated[int, Option(help="Passes over the data.")] = 10
    batch_size: Annotated[int, Option(help="Pictures or windows a step; split up where memory is short.")] = 64
    optimizer: Annotated[Optimizer | None, Option(help="What moves the weights; sgd for pictures, else adamw.")] = None
    learning_rate: Annotated[
        float | None, Option(help="The highest; it rises to it and falls along a cosine. 0.1 for pictures, else 0.001.")
    ] = None
    weight_decay: Annotated[
        float | None, Option(help="Not applied to biases and normalisation. 2e-4 for pictures, else 0.01.")
    ] = None
    warm_up: Annotated[float, Option(help="Fraction of the steps over which the rate rises.")] = 0.1
    label_smoothing: Annotated[
        float | None, Option(help="Share of a target that goes to the other labels; 0.1 for pictures, else 0.")
    ] = None
    augmentation: Annotated[Augmentation, Option(help="How training pictures are varied.")] = Augmentation.crop
    average_decay: Annotated[float | None, Option(help="Keep an average of the weights with this decay.")] = None
    max_minutes: Annotated[float | None, Option(help="End early and save what has been learnt.")] = None
    precision: Annotated[Precision, Option(help="auto: bfloat16 where the hardware has it.")] = Precision.auto
    held_out: Annotated[float, Option(help="Share of unsplit data that is measured on.")] = 0.05


def pretrain(
    common: Common,
    reading: Reading,
    recipe: Recipe,
    data: Annotated[str | None, Argument(help="A folder, a table or the id of a hub data set.")] = None,
    output: Annotated[Path | None, Option("--output", "-o", help="Folder of the model, new or empty.")] = None,
    resume: Annotated[
        Path | None,
        Option(metavar="MODEL", help="Go on with an unfinished model; it knows its data and options."),
    ] = None,
    architecture: Annotated[
        str | None, Option(help="A name of timm's registry (resnet18), or a type of transformers' encoders (bert).")
    ] = None,
    architecture_args: Annotated[str, Option(metavar="JSON", help="What it is to be built with.")] = "{}",
    data_name: Annotated[str, Option(help="What the model's card calls the data.")] = "",
    licence: Annotated[str, Option(metavar="SPDX", help="What you give the weights under.")] = "unknown",
) -> None:
    """Train an architecture from scratch on a large data set: a model to start from."""
    from headstart.core.errors import OptionError
    from headstart.core.pretraining import PretrainOptions

    place = folder_of(output, resume)
    if place is None:
        raise OptionError("Missing option '--output'.", hint="Name the folder of the model: -o MODEL.")
    given: dict[str, Any] = {
        **vars(recipe),
        "architecture": architecture,
        "architecture_args": _object(architecture_args),
        "data_name": data_name,
        "licence": licence,
        "seed": common.seed,
        "device": common.device,
    }
    options: PretrainOptions = checked(PretrainOptions, given)
    from headstart.pipeline import pretrain as run_pretrain

    record = run_pretrain(data, output=place, options=options, reading=reading.options(), resume=resume is not None)
    show({**record.to_json(), "model": str(place)}, _text(record, place), common=common)


def _object(text: str) -> dict[str, Any]:
    from headstart.core.errors import OptionError

    try:
        value = json.loads(text)
    except ValueError as error:
        raise OptionError(f"--architecture-args {text}: not JSON: {error}.") from error
    if not isinstance(value, dict):
        example = '{"channels": [32, 64, 128, 256]}'
        raise OptionError(f"--architecture-args {text}: a JSON object is needed.", hint=f"For instance: '{example}'.")
    return value


def _text(record: PretrainRecord, output: Path) -> str:
    measured = "not measured" if record.accuracy is None else f"{100 * record.accuracy:.1f} %"
    ended = f" (ended early: {record.stopped})" if record.stopped else ""
    here = output if output.is_absolute() else f"./{output.as_posix()}"
    return "\n".join(
        [
            f"accuracy    {measured} of {_items(record)} ({record.held_out})",
            f"weights     {record.parameters / 1e6:.2f} million",
            f"epochs      {record.epochs} of {record.options.epochs}{ended}, {record.seconds:.0f} s",
            f"saved in    {output}",
            f"use it      headstart fit DATA --model {here}",
        ]
    )


def _items(record: PretrainRecord) -> str:
    number = record.items["held out"]
    if record.options.objective == "masked-language-model":
        return f"the tokens left out of {number} held-out texts"
    return f"{number} held-out pictures"
