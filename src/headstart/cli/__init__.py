"""The command line: `headstart COMMAND ...`.

How a command is added
    1. One file in this folder with one function per command. Its parameters are the arguments and options, each an
       `Annotated[..., typer.Argument(help=...)]` or `Annotated[..., typer.Option(help=...)]`; the docstring is the
       help. It takes `common: Common` (`cli/options.py`), which stands for the options that every command has. Any
       other parameter whose type is a frozen dataclass stands for the options that are its fields, in the same way.
    2. One line in `cli/table.py`: `"name": Command("headstart.cli.module:function", "First line of the docstring.")`.
       A name may be two words: `cache show`.
    3. One test file, `tests/cli/test_MODULE.py`.

What a command does
    It calls the Python API, hands its result to `cli.output.show` and returns nothing, or 1 where a verdict or a check
    failed. It imports torch and the like inside the function. It raises `HeadstartError` for a user's mistake and never
    exits. What a person watches goes through `core.console`; standard output is kept for results, and whatever else is
    printed meanwhile, by a library for instance, is sent to standard error.

Why it is lazy
    `headstart --help` prints the table and imports neither a command nor typer, which alone costs as much as five bare
    interpreters. The module of a command is imported when that command runs, after `--offline` has been put into the
    environment: hub libraries read it once, when they are imported.

Exit codes
    0 done, 1 a verdict or a check failed, 2 bad input, 70 a bug in Headstart, 130 interrupted, 141 whatever read our
    output closed it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from headstart.cli.failures import exit_code
from headstart.cli.output import accept_any_text, finish, reserve_standard_output, write
from headstart.cli.table import COMMANDS, find, load, overview


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line, by default that of the process, and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    accept_any_text()
    try:
        code = _dispatch(given)
        finish()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - a user never sees a traceback
        return exit_code(error, given)
    return code


def _dispatch(given: list[str]) -> int:
    if given in (["--help"], ["-h"]):
        write(overview(COMMANDS))
        return 0
    if given == ["--version"]:
        from headstart import __version__

        write(f"headstart {__version__}")
        return 0
    name, rest = find(given)
    if name in COMMANDS:
        return _run(name, rest)
    write(overview({known: command for known, command in COMMANDS.items() if known.startswith(f"{name} ")}, group=name))
    return 0


def _run(name: str, rest: list[str]) -> int:
    if "--offline" in rest:
        from headstart.core.runtime import go_offline

        go_offline()
    if "--allow-code" in rest:
        from headstart.core.runtime import allow_code

        allow_code()
    from headstart.cli.parsing import parse
    from headstart.core.console import set_quiet

    command = load(name)
    arguments = parse(command, name=name, arguments=rest)
    if arguments is None:
        return 0
    set_quiet(arguments["common"].quiet)
    with reserve_standard_output():
        return command(**arguments) or 0
