"""A data set with its parts -> a verdict: the arms in turn, repeat after repeat, then the learning curve."""

from __future__ import annotations

from pathlib import Path

from headstart.comparing import ARMS
from headstart.comparing.arm import Entry
from headstart.comparing.cells import Cell, Cells, Place
from headstart.comparing.judging import Found, control_of, judge, means_of
from headstart.comparing.schedule import CURVE_REPEATS, LEAST_REPEATS, Design, design
from headstart.core.console import say
from headstart.core.dataset import Dataset, Indices, Part
from headstart.core.errors import DataError, OptionError
from headstart.core.verdict import Verdict, VerdictOptions
from headstart.data.script import script_of
from headstart.methods import METHODS
from headstart.models import card, default_for

DESIGN, CELLS = "design.json", "cells"
LEAST_ITEMS = 2


def compare(dataset: Dataset, options: VerdictOptions, *, leaked: Indices, held_out: str, folder: Path) -> Verdict:
    """Compare the arms on a data set whose parts are assigned and whose contents are hashed.

    `leaked` are places, within the held-out part, of items that have a copy outside it; `held_out` is what that part is
    called. What `folder` holds already is taken as it is: the design, and every repeat of an arm that was finished.
    """
    _check(dataset, options)
    path = folder / DESIGN
    before = Design.read(path) if path.exists() else None
    options = options.model_copy(update={"model": _model(options, before, dataset)})
    _check_gradient(options.model)
    entries = entries_of(options, task=dataset.task)
    if before is None:
        laid_out = design(dataset, options, entries)
        laid_out.write(path)
    else:
        laid_out = before.model_copy(update={"entries": entries})
    _announce(laid_out, options)
    cells = Cells(dataset, laid_out.entries, laid_out.pace, options, folder / CELLS)
    whole = _whole(laid_out, options, cells)
    fewer = _fewer_labels(laid_out, options, cells, whole)
    found = Found(dataset, options, laid_out, whole, fewer, leaked, held_out, cells.seconds)
    return judge(found)


def entries_of(options: VerdictOptions, *, task: str = "image-classification") -> tuple[Entry, ...]:
    """Everything that takes part in a comparison on data of a task."""
    arms = [ARMS[name] for name in ARMS]
    return tuple(entry for arm in arms if task in arm.tasks for entry in arm.entries(options))


def _model(options: VerdictOptions, before: Design | None, dataset: Dataset) -> str:
    """The model that `auto` stands for, in all repeats the same."""
    if options.model != "auto":
        return options.model
    if before is not None:
        return next(entry.options.model for entry in before.entries)
    chosen = default_for(dataset.modality, script_of(dataset))
    say(f"model: {chosen.id} ({chosen.why})")
    return chosen.id


def _check(dataset: Dataset, options: VerdictOptions) -> None:
    """Raise `OptionError` or `DataError` where there is nothing to compare."""
    if options.strategy != "auto" and not METHODS[options.strategy].pretrained:
        raise OptionError(
            f"--strategy {options.strategy} starts from nothing: it is what transfer is compared with.",
            hint=f"Name one of: auto, {', '.join(name for name in METHODS if METHODS[name].pretrained)}.",
        )
    items = len(dataset.indices(Part.TEST))
    if items < LEAST_ITEMS:
        raise DataError(
            f"There are {items} held-out items to compare the arms on.",
            hint="Give a test part, or leave --test-share at what it is.",
        )


def _check_gradient(model: str) -> None:
    """Raise `OptionError` for a model that nothing can be trained with: all arms are that network."""
    found = card(model)
    if "gradient" not in found.gives:
        raise OptionError(
            f"{model} gives features and no gradient: it can neither be fine-tuned nor trained from fresh weights, so "
            "there is nothing to compare it with.",
            hint="Take a model of another source; fit --strategy linear-probe still tells what its features reach.",
        )


def _announce(laid_out: Design, options: VerdictOptions) -> None:
    names = ", ".join(entry.name for entry in laid_out.entries)
    say(
        f"{laid_out.repeats} repeats of {names}: up to {laid_out.seconds:.0f} s each, out of {options.budget:.0f} s "
        f"for all ({laid_out.pace.item:.3g} s a training item on this machine)"
    )
    for note in laid_out.notes:
        say(note)


def _whole(laid_out: Design, options: VerdictOptions, cells: Cells) -> dict[str, list[Cell]]:
    """All labels: repeat after repeat, so that whatever the time is enough for comes in pairs."""
    found: dict[str, list[Cell]] = {entry.name: [] for entry in laid_out.entries}
    for repeat in range(laid_out.repeats):
        late = repeat >= LEAST_REPEATS and cells.seconds * (repeat + 1) / repeat > options.budget
        if late:
            say(f"the budget is used up: {repeat} of {laid_out.repeats} repeats")
            break
        for name, those in found.items():
            those.append(cells.get(Place(arm=name, repeat=repeat, budget=laid_out.seconds)))
    return found


def _fewer_labels(
    laid_out: Design, options: VerdictOptions, cells: Cells, whole: dict[str, list[Cell]]
) -> dict[str, list[Cell]]:
    """The cells of the learning curves of transfer and of its control, while there is time; one repeat at least."""
    names = [entry.name for entry in laid_out.entries if entry.role == "transfer"]
    names.append(control_of(laid_out.entries, means_of(whole)))
    found: dict[str, list[Cell]] = {name: [] for name in names} if laid_out.shares else {}
    for repeat in range(min(CURVE_REPEATS, len(whole[names[0]])) if laid_out.shares else 0):
        cost = len(names) * sum(map(laid_out.seconds_for, laid_out.shares))
        if repeat and cells.seconds + cost > options.budget:
            break
        for share in laid_out.shares:
            place = {"repeat": repeat, "share": share, "budget": laid_out.seconds_for(share)}
            for name in names:
                found[name].append(cells.get(Place(arm=name, **place)))
    return found
