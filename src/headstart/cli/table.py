"""Every command with its one-line help, so that `headstart --help` imports none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple


class Command(NamedTuple):
    """Where a command is written, as `module:function`, and the first line of that function's docstring."""

    target: str
    summary: str


COMMANDS: dict[str, Command] = {
    "inspect": Command(
        "headstart.cli.inspect:inspect",
        "Show what is in labelled data: classes, balance, sizes, bad files, duplicates, leaks.",
    ),
    "rank": Command(
        "headstart.cli.rank:rank",
        "Rank pretrained models on labelled data: which to take, which cannot be told apart, and what each costs.",
    ),
    "fit": Command("headstart.cli.fit:fit", "Fine-tune a pretrained model on labelled data, measure it and save it."),
    "evaluate": Command("headstart.cli.evaluate:evaluate", "Measure a saved run on labelled data."),
    "predict": Command(
        "headstart.cli.predict:predict", "Predict any number of pictures or texts, as CSV, JSON Lines or JSON."
    ),
    "verdict": Command(
        "headstart.cli.verdict:verdict",
        "Say whether transfer helps: the pretrained model against training from scratch, with the evidence.",
    ),
    "pretrain": Command(
        "headstart.cli.pretrain:pretrain",
        "Train an architecture from scratch on a large data set: a model to start from.",
    ),
    "models list": Command(
        "headstart.cli.models:list_models", "List the models of the shortlist, the bundled ones and the cached ones."
    ),
    "models show": Command(
        "headstart.cli.models:show_model", "Show all that is known of one model, and whether it can be had from here."
    ),
    "models pull": Command(
        "headstart.cli.models:pull_model", "Fetch a model, so that it can be used without the network."
    ),
    "demo": Command(
        "headstart.cli.demo:demo",
        "Fine-tune the bundled model on handwritten digits, against a probe and training from scratch.",
    ),
    "cache show": Command(
        "headstart.cli.cache:show_cache", "Show what is cached: features, last used first, and facts about files."
    ),
    "cache clear": Command(
        "headstart.cli.cache:clear_cache",
        "Delete cached features and facts about files; they are computed again when they are needed.",
    ),
    "doctor": Command("headstart.cli.doctor:doctor", "Check the installation: versions, device, cache and hub."),
}

FOOT = """\
Every command also takes --json, --seed, --device, --offline, --allow-code and --quiet; see headstart COMMAND --help.
Exit codes: 0 done, 1 a verdict or a check failed, 2 bad input, 130 interrupted."""


def overview(commands: Mapping[str, Command], *, group: str = "") -> str:
    """The help that lists commands; `group` is the first word that they share."""
    width = max(map(len, commands), default=0)
    lines = [f"  {name:{width}}  {command.summary}" for name, command in commands.items()]
    head = [f"Usage: headstart {group} COMMAND [OPTIONS] [ARGUMENTS]".replace("  ", " "), ""]
    if not group:
        head += ["Transfer learning from labelled data to a fine-tuned model, with the evidence.", ""]
    return "\n".join([*head, "Commands:", *lines, "", FOOT])


def find(given: list[str]) -> tuple[str, list[str]]:
    """The name of the command, or the group whose help is asked for, and the arguments that follow it.

    Raises `OptionError` where there is none of that name, or an option comes first.
    """
    from headstart.core.errors import OptionError, unknown

    if not given:
        raise OptionError("No command given.", hint=overview(COMMANDS))
    if given[0].startswith("-"):
        raise OptionError(
            f"'{given[0]}' comes before the command.",
            hint="Options follow the command: headstart COMMAND [OPTIONS]. headstart --help lists the commands.",
        )
    for words in (2, 1):
        name = " ".join(given[:words])
        if name in COMMANDS:
            return name, given[words:]
    groups = {name.partition(" ")[0] for name in COMMANDS if " " in name}
    if given[0] not in groups:
        raise unknown("command", given[0], {name.partition(" ")[0] for name in COMMANDS})
    if given[1:] in ([], ["--help"], ["-h"]):
        return given[0], []
    members = {name.partition(" ")[2] for name in COMMANDS if name.startswith(f"{given[0]} ")}
    raise unknown(f"command of headstart {given[0]}:", given[1], members)


def load(name: str) -> Callable[..., int | None]:
    """Import the function of a command."""
    from importlib import import_module

    module, _, attribute = COMMANDS[name].target.partition(":")
    function: Callable[..., int | None] = getattr(import_module(module), attribute)
    return function
