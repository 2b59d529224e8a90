"""`headstart evaluate`: how good a saved run is on labelled data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from headstart.cli.data_options import Reading
from headstart.cli.options import Common
from headstart.cli.output import show


def evaluate(
    common: Common,
    reading: Reading,
    run: Annotated[Path, Argument(help="The folder of a saved run.")],
    data: Annotated[str | None, Argument(help="Labelled data in any layout that fit takes.")] = None,
    part: Annotated[str | None, Option(help="The part to measure on; the held-out one if not given.")] = None,
    output: Annotated[Path | None, Option("--output", "-o", help="Write the numbers to this JSON file, too.")] = None,
) -> None:
    """Measure a saved run on labelled data."""
    from headstart.cli.evaluation_text import evaluation_text
    from headstart.loading import as_data
    from headstart.pipeline import load

    opened = load(run)
    loaded = as_data(data, options=reading.options().model_copy(update={"least_classes": 1}))
    evaluation = opened.evaluate(loaded, part=part, device=common.device)
    if output is not None:
        evaluation.write(output)
    answer = evaluation.to_json()
    show({**answer["metrics"], **answer}, evaluation_text(evaluation), common=common)
