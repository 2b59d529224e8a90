"""`headstart verdict`: does transfer help on these data?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from headstart.cli.data_options import Reading
from headstart.cli.fit import STRATEGIES, Precision, checked, folder_of
from headstart.cli.options import Common
from headstart.cli.output import show


def verdict(  # one parameter is one option
    common: Common,
    reading: Reading,
    data: Annotated[str | None, Argument(help="A folder, a table or the id of a hub data set.")] = None,
    model: Annotated[str, Option("--model", "-m", help="The pretrained model in question, or auto.")] = "auto",
    strategy: Annotated[str, Option("--strategy", "-s", help=STRATEGIES.replace(" or scratch", ""))] = "auto",
    models: Annotated[str, Option(help="Further models to compare with, separated by commas.")] = "",
    output: Annotated[
        Path | None, Option("--output", "-o", help="Folder of the verdict; runs/NAME-verdict-1 if not given.")
    ] = None,
    resume: Annotated[
        Path | None, Option(metavar="VERDICT", help="Go on with an unfinished one; it knows its data and options.")
    ] = None,
    budget: Annotated[
        str | None, Option(help="Time for all arms together, such as 5m or 1h; 15m if not given.")
    ] = None,
    margin: Annotated[float, Option(help="The smallest difference that matters, in points of 100.")] = 1.0,
    repeats: Annotated[int | None, Option(help="Of each arm; 5 where the budget has room if not given.")] = None,
    curve: Annotated[bool | None, Option(help="Draw a learning curve; where the budget has room if not given.")] = None,
    check: Annotated[bool, Option("--check", help="End with 1 unless transfer helps.")] = False,
    image_size: Annotated[int | None, Option(help="Pixels; the model's own if not given.")] = None,
    channels: Annotated[int | None, Option(help="Input channels; the model's own if not given.")] = None,
    precision: Annotated[Precision, Option(help="auto: bfloat16 where the hardware has it.")] = Precision.auto,
    validation_share: Annotated[float, Option(help="Share of unsplit data that choices are made on.")] = 0.2,
    test_share: Annotated[float, Option(help="Share of unsplit data that is held out.")] = 0.2,
) -> int | None:
    """Say whether transfer helps: the pretrained model against training from scratch, with the evidence."""
    from headstart.cli.durations import seconds
    from headstart.cli.verdict_text import verdict_text
    from headstart.core.verdict import DEFAULT_BUDGET, VerdictOptions
    from headstart.pipeline import FIGURE
    from headstart.pipeline import verdict as run_verdict

    given: dict[str, Any] = {
        "model": model,
        "strategy": strategy,
        "models": tuple(name.strip() for name in models.split(",") if name.strip()),
        "budget": DEFAULT_BUDGET if budget is None else seconds(budget, option="--budget"),
        "margin": margin / 100,
        "repeats": repeats,
        "curve": curve,
        "image_size": image_size,
        "channels": channels,
        "seed": common.seed,
        "device": common.device,
        "precision": precision.value,
        "validation": validation_share,
        "test": test_share,
    }
    found = run_verdict(
        data,
        output=folder_of(output, resume),
        options=checked(VerdictOptions, given),
        reading=reading.options(),
        resume=resume is not None,
    )
    figure = Path(found.folder, FIGURE)
    answer = {
        **found.to_json(),
        "means": {arm.name: arm.mean for arm in found.arms},
        "folder": found.folder,
        "figure": str(figure),
    }
    show(answer, f"{verdict_text(found)}\n\nSaved in {found.folder}, with a picture: {figure}", common=common)
    return 1 if check and found.decision != "helps" else None
