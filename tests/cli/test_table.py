"""The table of commands against the commands."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

import headstart.cli
from headstart.cli import table
from headstart.cli.options import Common
from headstart.cli.table import COMMANDS, Command, find, load, overview
from headstart.core.errors import OptionError


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_of_help_is_the_one_of_the_command(name: str) -> None:
    documentation = inspect.getdoc(load(name))
    assert documentation is not None
    assert documentation.splitlines()[0] == COMMANDS[name].summary


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_the_options_that_all_have(name: str) -> None:
    assert inspect.signature(load(name), eval_str=True).parameters["common"].annotation is Common


def test_every_command_of_the_folder_is_in_the_table() -> None:
    """A command is a function that takes `common: Common`; `output.show` takes it on behalf of one."""
    found = set()
    for info in pkgutil.iter_modules(headstart.cli.__path__, "headstart.cli."):
        module = importlib.import_module(info.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            common = inspect.signature(function).parameters.get("common")
            if function.__module__ == info.name and common is not None and not name.startswith("_"):
                found.add(f"{info.name}:{name}")
    assert found - {"headstart.cli.output:show"} == {command.target for command in COMMANDS.values()}


@pytest.fixture
def with_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        table,
        "COMMANDS",
        {
            "fit": Command("a:b", "Fit a model."),
            "cache show": Command("a:b", "Show the cache."),
            "cache clear": Command("a:b", "Empty the cache."),
        },
    )


@pytest.mark.usefixtures("with_groups")
def test_a_name_may_be_two_words() -> None:
    assert find(["cache", "show", "--json"]) == ("cache show", ["--json"])
    assert find(["fit", "cache", "show"]) == ("fit", ["cache", "show"])
    assert find(["cache"]) == find(["cache", "--help"]) == ("cache", [])


@pytest.mark.usefixtures("with_groups")
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["cash"], "Unknown command 'cash'. Did you mean 'cache'?\nAllowed: cache, fit."),
        (["cache", "shw"], "Unknown command of headstart cache: 'shw'. Did you mean 'show'?\nAllowed: clear, show."),
        (["-q", "fit"], "'-q' comes before the command."),
    ],
)
def test_an_unknown_command_is_answered_with_the_closest(given: list[str], said: str) -> None:
    with pytest.raises(OptionError) as raised:
        find(given)
    assert said in str(raised.value)


def test_the_overview_of_a_group_lines_up() -> None:
    text = overview({"cache show": Command("", "Show."), "cache clear": Command("", "Empty.")}, group="cache")
    assert text.startswith("Usage: headstart cache COMMAND")
    assert "  cache show   Show.\n  cache clear  Empty.\n" in text
