"""`headstart predict`: what a saved run says about pictures or texts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from headstart.cli.options import Common
from headstart.cli.output import write

if TYPE_CHECKING:
    from headstart.core.coco_results import CocoIds
    from headstart.core.prediction import Prediction
    from headstart.core.run_record import ModelRecord
    from headstart.figures.mask_files import MaskFiles


def predict(
    common: Common,
    run: Annotated[Path, Argument(help="The folder of a saved run.")],
    inputs: Annotated[list[str], Argument(help="Pictures or texts, files of them, folders, tables.")],
    output: Annotated[Path | None, Option("--output", "-o", help="Write to this .csv, .jsonl or .json file.")] = None,
    top: Annotated[int, Option(min=1, help="How many of the most probable labels to list.")] = 1,
    threshold: Annotated[
        float | None, Option(help="Probability that a label has to reach; the run's own if not given.")
    ] = None,
    masks: Annotated[
        Path | None, Option(help="Write predicted masks into this folder: PNG with a palette, and classes.csv.")
    ] = None,
    draw: Annotated[
        Path | None, Option(help="Draw boxes, or classes of pixels, onto the pictures, into this folder.")
    ] = None,
    coco: Annotated[Path | None, Option(help="Also write detections as COCO's results, to this .json file.")] = None,
    coco_like: Annotated[
        Path | None,
        Option(help="With --coco: an annotation file (.json) whose numbers of pictures and classes to use."),
    ] = None,
    image_column: Annotated[str | None, Option(help="Column of tables with the path of the picture.")] = None,
    image_folder: Annotated[str | None, Option(help="Where relative paths in tables start.")] = None,
    text_column: Annotated[str | None, Option(help="Column of tables with the text.")] = None,
    text_pair_column: Annotated[str | None, Option(help="Column of tables with the second text of a pair.")] = None,
) -> int:
    """Predict any number of pictures or texts, as CSV, JSON Lines or JSON.

    Standard output gets CSV, and JSON Lines with --json. What cannot be read gets a line that says why, and the command
    then ends with 1. For a model of texts, whatever names no file is itself a text, and - stands for those of standard
    input, one a line.
    """
    from headstart.core.console import say
    from headstart.core.prediction_output import format_for, lines_of
    from headstart.data.looking import UNLABELLED
    from headstart.data.reader import ReadOptions
    from headstart.pipeline import load, predict

    opened = load(run)
    files = _mask_files(masks, opened.trained.record) if masks is not None else None
    given = UNLABELLED[opened.trained.modality].arguments(inputs)
    reading = ReadOptions(image=image_column, image_folder=image_folder, text=text_column, text_pair=text_pair_column)
    form = format_for(output) if output is not None else "jsonl" if common.json else "csv"
    unread = 0
    kept: list[Prediction] = []
    if coco is not None:
        _check_boxes(opened.trained.record)
    ids = _coco_ids(coco_like, coco)

    def counted() -> Iterator[Prediction]:
        nonlocal unread
        found = predict(opened, given, top=top, threshold=threshold, device=common.device, draw=draw, reading=reading)
        for prediction in found:
            unread += bool(prediction.problem)
            if coco is not None:
                kept.append(prediction)
            if files is not None:
                files.write(prediction)
            yield prediction

    record = opened.trained.record
    shown = min(top, len(record.labels))
    lines = lines_of(counted(), format=form, multi_label=record.multi_label, top=shown, task=record.task)
    if output is None:
        for line in lines:
            write(line)
    else:
        _write_file(output, lines)
        say(f"Predictions written to {output}")
    if coco is not None:
        _write_coco(coco, kept, record, ids)
    if unread:
        say(f"{unread} input(s) could not be read; their lines say why.")
    return 1 if unread else 0


def _write_file(path: Path, lines: Iterator[str]) -> None:
    from headstart.core.errors import Interrupted
    from headstart.core.files import write_lines_atomically

    try:
        write_lines_atomically(path, lines)
    except KeyboardInterrupt as error:
        raise Interrupted(f"Nothing was written to {path}.") from error


def _mask_files(folder: Path, record: ModelRecord) -> MaskFiles:
    from headstart.core.errors import OptionError
    from headstart.figures.mask_files import MaskFiles

    if record.task != "semantic-segmentation":
        raise OptionError(f"--masks is for semantic-segmentation; the run is of {record.task}.")
    return MaskFiles(folder, record.labels)


def _check_boxes(record: ModelRecord) -> None:
    from headstart.core.errors import OptionError

    if record.task != "object-detection":
        raise OptionError(f"--coco is for object-detection; the run is of {record.task}.")


def _coco_ids(like: Path | None, coco: Path | None) -> CocoIds | None:
    from headstart.core.errors import OptionError
    from headstart.data.coco_ids import read_coco_ids

    if like is not None and coco is None:
        raise OptionError("--coco-like says how the file of --coco is numbered, and there is no --coco.")
    return None if like is None else read_coco_ids(like)


def _write_coco(path: Path, predictions: list[Prediction], record: ModelRecord, ids: CocoIds | None) -> None:
    from headstart.core.coco_results import coco_text
    from headstart.core.console import say
    from headstart.core.files import write_atomically

    write_atomically(path, coco_text(predictions, record.labels, ids).encode())
    say(f"COCO results written to {path}")
