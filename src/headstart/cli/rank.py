"""`headstart rank`: which pretrained model suits the data, with intervals, ties and cost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from headstart.cli.data_options import Reading
from headstart.cli.fit import Metric, Precision, checked
from headstart.cli.options import Common
from headstart.cli.output import show

if TYPE_CHECKING:
    from headstart.core.ranking import RankOptions


def rank(  # one parameter is one option
    common: Common,
    reading: Reading,
    data: Annotated[str | None, Argument(help="A folder, a table or the id of a hub data set.")] = None,
    models: Annotated[
        list[str] | None,
        Option("--models", "-m", help="Ids, patterns such as 'timm/mobilenet*', folders of models; or with commas."),
    ] = None,
    everything: Annotated[bool, Option("--all", help="Patterns are for all that the libraries know.")] = False,
    max_params: Annotated[str | None, Option(help="Most weights, such as 50M or 1.5B.")] = None,
    max_latency: Annotated[float | None, Option(help="Most milliseconds an item on this machine.")] = None,
    max_memory: Annotated[str | None, Option(help="Most memory for one item, such as 500MB.")] = None,
    licence: Annotated[
        list[str] | None, Option(help="Licences that will do, such as apache-2.0, or permissive.")
    ] = None,
    items: Annotated[int, Option(help="Labelled items that are looked at, at most.")] = 2000,
    strategy: Annotated[str, Option("--strategy", "-s", help="Recipe of the short trainings.")] = "lp-ft",
    fine_tune: Annotated[bool, Option(help="Train the best candidates briefly.")] = True,
    budget: Annotated[str | None, Option(help="Time for the whole ranking, such as 90s, 5m or 1h.")] = None,
    metric: Annotated[Metric, Option(help="What the choice optimises.")] = Metric.accuracy,
    image_size: Annotated[int | None, Option(help="Pixels for every candidate; each one's own if not given.")] = None,
    precision: Annotated[Precision, Option(help="auto: bfloat16 where the hardware has it.")] = Precision.auto,
    output: Annotated[
        Path | None, Option("--output", "-o", help="Folder for ranking.json and ranking.png; none if not given.")
    ] = None,
    validation_share: Annotated[float, Option(help="Share of unsplit data that choices are made on.")] = 0.2,
    test_share: Annotated[float, Option(help="Share of unsplit data that is held out and not looked at.")] = 0.2,
) -> None:
    """Rank pretrained models on labelled data: which to take, which cannot be told apart, and what each costs."""
    from headstart.cli.ranking_text import ranking_text
    from headstart.pipeline import rank as run_rank

    given: dict[str, Any] = {
        "models": _listed(models),
        "everything": everything,
        "items": items,
        "strategy": strategy,
        "fine_tune": fine_tune,
        "metric": metric.value,
        "image_size": image_size,
        "seed": common.seed,
        "device": common.device,
        "precision": precision.value,
        "validation": validation_share,
        "test": test_share,
    }
    limits = {"max_latency_ms": max_latency, "licences": _listed(licence)}
    options = _options(given, limits, max_params=max_params, max_memory=max_memory, budget=budget)
    found = run_rank(data, options=options, reading=reading.options(), output=output)
    show(found.to_json(), ranking_text(found), common=common)


def _listed(given: list[str] | None) -> tuple[str, ...]:
    """What was given several times, with commas or both."""
    return tuple(part.strip() for text in given or [] for part in text.split(",") if part.strip())


def _options(
    given: dict[str, Any], limits: dict[str, Any], *, max_params: str | None, max_memory: str | None, budget: str | None
) -> RankOptions:
    """Everything as one record. Raises `OptionError` with all that is wrong."""
    from headstart.cli.counts import byte_count, count
    from headstart.cli.durations import seconds
    from headstart.core.errors import OptionError
    from headstart.core.ranking import RankOptions

    parts: dict[str, tuple[str | None, str, Callable[..., float]]] = {
        "budget": (budget, "--budget", seconds),
        "max_parameters": (max_params, "--max-params", count),
        "max_memory": (max_memory, "--max-memory", byte_count),
    }
    found: dict[str, Any] = {}
    problems: list[str] = []
    for name, (text, option, read) in parts.items():
        try:
            found[name] = None if text is None else read(text, option=option)
        except OptionError as error:
            problems += error.problems
    length = found.pop("budget", None)
    try:
        options = checked(RankOptions, {**given, "budget": length, "limits": {**limits, **found}})
    except OptionError as error:
        raise OptionError([*problems, *error.problems]) from error
    if problems:
        raise OptionError(problems)
    return options
