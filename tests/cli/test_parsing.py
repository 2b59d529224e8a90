"""A function's parameters -> options -> the arguments to call it with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import pytest
from typer import Argument, Option

from headstart.cli.options import Common
from headstart.cli.parsing import parse
from headstart.core.errors import OptionError


@dataclass(frozen=True)
class Settings:
    rate: Annotated[float | None, Option(help="How fast.")] = None
    names: Annotated[list[str], Option(help="Which.")] = field(default_factory=list)


def grow(
    data: Annotated[Path, Argument(help="The data.")],
    *,
    mode: Annotated[Literal["fast", "slow"], Option(help="The way.")] = "fast",
    settings: Settings,
    common: Common,
) -> None:
    """Grow something.

    With more to say.
    """


def read(*arguments: str) -> dict[str, object] | None:
    return parse(grow, name="grow", arguments=arguments)


def test_what_is_left_out_has_its_default() -> None:
    assert read("here") == {"data": Path("here"), "mode": "fast", "settings": Settings(), "common": Common()}


def test_options_reach_the_dataclass_that_they_belong_to() -> None:
    arguments = "--seed 3 --names a here --rate 0.5 --names b --mode slow --json --device cuda:1 --offline --quiet"
    assert read(*arguments.split()) == {
        "data": Path("here"),
        "mode": "slow",
        "settings": Settings(rate=0.5, names=["a", "b"]),
        "common": Common(json=True, seed=3, device="cuda:1", offline=True, quiet=True),
    }


def test_a_file_name_may_start_with_a_dash_after_two() -> None:
    given = read("--", "--json")
    assert given is not None
    assert given["data"] == Path("--json")
    assert given["common"] == Common()


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_shows_the_docstring_and_every_option(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert read(flag) is None
    text = capsys.readouterr().out
    for expected in ("Usage: headstart grow", "Grow something.", "With more to say.", "--rate", "--mode", "fast|slow"):
        assert expected in text
    for option in ("--json", "--seed", "--device", "--offline", "--allow-code", "--quiet"):
        assert option in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing argument 'data'"),
        (["here", "there"], "unexpected extra argument"),
        (["here", "--mode", "medium"], "'--mode'"),
        (["here", "--rat", "1"], "Unknown option '--rat'. Did you mean '--rate'?"),
        (["here", "--xyzzy"], "Unknown option '--xyzzy'."),
        (["here", "--seed", "-1"], "greater than or equal to 0"),
        (["here", "--quiet=yes"], "does not take a value"),
    ],
)
def test_what_is_wrong_is_said_with_the_way_to_the_help(arguments: list[str], said: str) -> None:
    with pytest.raises(OptionError) as raised:
        read(*arguments)
    assert said in str(raised.value)
    assert raised.value.hint == "See headstart grow --help."
    assert ".." not in raised.value.problems[0]
