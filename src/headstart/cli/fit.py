"""`headstart fit`: from labelled data to a saved, measured model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from typer import Argument, Option

from headstart.cli.data_options import Reading
from headstart.cli.options import Common
from headstart.cli.output import show

if TYPE_CHECKING:
    from headstart.core.options import FitOptions, StrategyOptions
    from headstart.pipeline import Run


Kind = TypeVar("Kind")
STRATEGIES = "auto, linear-probe, lp-ft, contrastive, full, gradual, l2-sp, lora, norm-only or scratch."


class Metric(StrEnum):
    """What choices may optimise; the last ones are for boxes, masks and entities."""

    accuracy = "accuracy"
    balanced_accuracy = "balanced_accuracy"
    macro_f1 = "macro_f1"
    log_loss = "log_loss"
    auroc = "auroc"
    average_precision = "average_precision"
    sensitivity_at_specificity = "sensitivity_at_specificity"
    mAP = "mAP"  # noqa: N815 - what people and docs call it
    mAP50 = "mAP50"  # noqa: N815
    mean_iou = "mean_iou"
    pixel_accuracy = "pixel_accuracy"
    entity_f1 = "entity_f1"


class Solver(StrEnum):
    """How a linear probe gets its head."""

    logistic = "logistic"
    ridge = "ridge"
    gradient = "gradient"


class Optimizer(StrEnum):
    """What moves the weights."""

    sgd = "sgd"
    adamw = "adamw"


class Schedule(StrEnum):
    """How learning rates change over a run."""

    constant = "constant"
    cosine = "cosine"


class Augmentation(StrEnum):
    """How training pictures are varied."""

    none = "none"
    flip = "flip"
    crop = "crop"
    strong = "strong"


class Normalisation(StrEnum):
    """Whether batch-norm statistics of trained parts follow the new data."""

    frozen = "frozen"
    trained = "trained"


class ClassWeights(StrEnum):
    """Whether rare classes count more."""

    none = "none"
    balanced = "balanced"


class LongTexts(StrEnum):
    """What becomes of texts that are longer than the model's window."""

    windows = "windows"
    cut = "cut"


class Precision(StrEnum):
    """What to compute in."""

    auto = "auto"
    float32 = "float32"
    bfloat16 = "bfloat16"


@dataclass(frozen=True)
class Training:
    """Settings of the strategy given by hand; what is not given is the strategy's own."""

    solver: Annotated[Solver | None, Option(help="linear-probe: how the head is found.")] = None
    strength: Annotated[
        float | None, Option(help="linear-probe: C of logistic, lambda of ridge; cross-validated if not given.")
    ] = None
    optimizer: Annotated[Optimizer | None, Option(help="What moves the weights.")] = None
    learning_rate: Annotated[float | None, Option(help="Of the head.")] = None
    backbone_learning_rate: Annotated[float | None, Option(help="Of everything below the head.")] = None
    momentum: Annotated[float | None, Option(help="Of SGD.")] = None
    nesterov: Annotated[bool | None, Option(help="SGD looks ahead.")] = None
    weight_decay: Annotated[float | None, Option(help="Not applied to biases and normalisation.")] = None
    epochs: Annotated[int | None, Option(help="Passes over the training pictures.")] = None
    batch_size: Annotated[int | None, Option(help="Pictures a step; split up where memory is short.")] = None
    schedule: Annotated[Schedule | None, Option(help="How the rates change.")] = None
    warm_up: Annotated[float | None, Option(help="Fraction of the steps over which the rates rise.")] = None
    clip_norm: Annotated[float | None, Option(help="Largest norm of a step's gradient.")] = None
    label_smoothing: Annotated[float | None, Option(help="Share of a target that goes to the other labels.")] = None
    augmentation: Annotated[Augmentation | None, Option(help="How training pictures are varied.")] = None
    normalisation: Annotated[Normalisation | None, Option(help="Batch-norm statistics of trained parts.")] = None
    class_weights: Annotated[ClassWeights | None, Option(help="Whether rare classes count more.")] = None
    early_stopping: Annotated[bool | None, Option(help="Keep the best epoch by --metric on validation data.")] = None
    layer_decay: Annotated[
        float | None, Option(help="What the rate is multiplied by for each layer group further from the head.")
    ] = None
    thaw: Annotated[float | None, Option(help="Fraction of the steps over which layers join from the head down.")] = (
        None
    )
    anchor: Annotated[float | None, Option(help="Pull of the body to its start, in place of weight decay.")] = None
    mixup: Annotated[float | None, Option(help="Parameter of the blending of pictures; 0 for none.")] = None
    average_decay: Annotated[float | None, Option(help="Keep an average of the weights with this decay.")] = None
    soup: Annotated[bool | None, Option(help="Average the best epochs, as long as validation gains by it.")] = None
    train_size: Annotated[int | None, Option(help="Side in pixels of training pictures.")] = None
    rank: Annotated[int | None, Option(help="lora: of the updates.")] = None

    def settings(self) -> StrategyOptions:
        """The same as a record. Raises `OptionError` for values out of range, all at once."""
        from headstart.core.options import StrategyOptions

        return checked(StrategyOptions, vars(self))


def fit(  # one parameter is one option
    common: Common,
    reading: Reading,
    training: Training,
    data: Annotated[str | None, Argument(help="A folder, a table or the id of a hub data set.")] = None,
    model: Annotated[str, Option("--model", "-m", help="A model id or folder, or auto.")] = "auto",
    strategy: Annotated[str, Option("--strategy", "-s", help=STRATEGIES)] = "auto",
    output: Annotated[
        Path | None, Option("--output", "-o", help="Folder of the run; runs/NAME-1 if not given.")
    ] = None,
    resume: Annotated[
        Path | None,
        Option(metavar="RUN", help="Go on with an unfinished run; it knows its data and options."),
    ] = None,
    metric: Annotated[Metric, Option(help="What choices optimise; accuracy stands for the task's own.")] = (
        Metric.accuracy
    ),
    specificity: Annotated[float, Option(help="For sensitivity_at_specificity.")] = 0.9,
    image_size: Annotated[int | None, Option(help="Pixels; the model's own if not given.")] = None,
    channels: Annotated[int | None, Option(help="Input channels; the model's own if not given.")] = None,
    long_texts: Annotated[
        LongTexts | None, Option(help="Texts longer than the model: averaged windows, or cut; windows if not given.")
    ] = None,
    precision: Annotated[Precision, Option(help="auto: bfloat16 where the hardware has it.")] = Precision.auto,
    mirrored: Annotated[
        bool | None, Option(help="Average what is made of a picture and its mirror image; auto tries both.")
    ] = None,
    budget: Annotated[str | None, Option(help="Time for the whole run, such as 90s, 5m or 1h.")] = None,
    single: Annotated[bool, Option("--single", help="auto: keep one network with one head.")] = False,
    validation_share: Annotated[float, Option(help="Share of unsplit data that choices are made on.")] = 0.2,
    test_share: Annotated[float, Option(help="Share of unsplit data that is held out.")] = 0.2,
) -> None:
    """Fine-tune a pretrained model on labelled data, measure it and save it."""
    from headstart.cli.evaluation_text import evaluation_text
    from headstart.cli.views_text import views_text
    from headstart.pipeline import fit as run_fit

    place = folder_of(output, resume)
    given: dict[str, Any] = {
        "model": model,
        "strategy": strategy,
        "metric": metric.value,
        "specificity": specificity,
        "image_size": image_size,
        "channels": channels,
        "long_texts": None if long_texts is None else long_texts.value,
        "seed": common.seed,
        "device": common.device,
        "precision": precision.value,
        "mirrored": mirrored,
        "single": single,
        "validation": validation_share,
        "test": test_share,
    }
    options = _options(given, training=training, budget=budget, resume=resume is not None)
    run = run_fit(data, output=place, options=options, reading=reading.options(), resume=resume is not None)
    record = run.record
    numbers = "There were no held-out data to measure on." if record.test is None else evaluation_text(record.test)
    blocks = [numbers, *([views_text(record)] if record.views else []), *record.notes, f"Run saved in {run.folder}"]
    show(summary(run), "\n\n".join(blocks), common=common)


def folder_of(output: Path | None, resume: Path | None) -> Path | None:
    """The one folder that `--output` and `--resume` mean. Raises `OptionError` where they mean two."""
    from headstart.core.errors import OptionError

    if output is not None and resume is not None and output.absolute() != resume.absolute():
        raise OptionError(f"--resume {resume} goes on in that folder, and --output {output} is another.")
    return resume or output


def _options(given: dict[str, Any], *, training: Training, budget: str | None, resume: bool) -> FitOptions:
    """Everything as one record. Raises `OptionError` with what is wrong anywhere in it.

    The model of a run that is gone on with is looked for where the run was begun, which is not known here.
    """
    from headstart.cli.durations import seconds
    from headstart.core.errors import HeadstartError, OptionError
    from headstart.core.options import FitOptions

    parts: dict[str, Callable[[], Any]] = {
        "settings": training.settings,
        "budget": lambda: None if budget is None else seconds(budget, option="--budget"),
        "options": lambda: checked(FitOptions, given),
        "strategy": lambda: _known_strategy(given["strategy"]),
        "model": lambda: given["model"] if resume else _known_model(given["model"]),
    }
    found: dict[str, Any] = {}
    problems: list[str] = []
    hints: list[str] = []
    for name, read in parts.items():
        try:
            found[name] = read()
        except HeadstartError as error:
            problems += error.problems
            hints += [error.hint] if error.hint else []
    if problems:
        raise OptionError(problems, hint="\n".join(hints))
    options: FitOptions = found.pop("options")
    return options.model_copy(update=found)


def _known_strategy(name: str) -> str:
    """Raises `OptionError` where there is none of that name."""
    from headstart.core.errors import unknown
    from headstart.methods import METHODS

    if name != "auto" and name not in METHODS:
        raise unknown("strategy", name, ["auto", *METHODS.names()])
    return name


def _known_model(model: str) -> str:
    """Raises `ModelError` where no source of models is meant, or a folder that holds none; nothing is loaded."""
    from headstart.models import resolve

    if model != "auto":
        resolve(model)
    return model


def checked(kind: type[Kind], values: dict[str, Any]) -> Kind:
    """A record of the values. Raises `OptionError` naming every option that is out of range."""
    from pydantic import ValidationError

    from headstart.core.errors import OptionError

    try:
        return kind(**values)
    except ValidationError as error:
        raise OptionError(
            [
                f"--{str(fault['loc'][-1]).replace('_', '-')} {fault['input']}: {fault['msg'].lower()}."
                for fault in error.errors()
            ]
        ) from error


def summary(run: Run) -> dict[str, Any]:
    """The numbers and facts of a run that scripts rely on."""
    record = run.record
    return {
        **run.metrics,
        "model": record.plan.model,
        "strategy": record.plan.strategy.method,
        "seconds": round(record.seconds["total"], 3),
        "run": str(run.folder),
        "held_out": record.held_out,
        "items": record.items,
        "intervals": record.test.intervals if record.test is not None else {},
        "notes": list(record.notes),
        "views": [view.to_json() for view in record.views],
    }
