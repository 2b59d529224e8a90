"""What ends a command early -> a sentence on standard error and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from headstart.cli.output import abandon

BUG, INTERRUPTED, READER_GONE = 70, 130, 141


def exit_code(error: BaseException, arguments: Sequence[str]) -> int:
    """Tell the person what happened and return the code to end with.

    `HEADSTART_DEBUG=1` shows the traceback of a bug instead of the name of the file that it is kept in.
    """
    from headstart.core.errors import HeadstartError, Interrupted
    from headstart.core.refusals import refusal

    if isinstance(error, OSError):
        error = refusal(error) or error
    if isinstance(error, HeadstartError):
        _tell(f"Error: {error}" if len(error.problems) == 1 else f"Error:\n{error}")
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        _tell(f"Interrupted. {error.hint}" if isinstance(error, Interrupted) else "Interrupted.")
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        abandon(sys.stdout)
        abandon(sys.stderr)
        return READER_GONE
    _tell(_bug_report(error, arguments))
    return BUG


def _bug_report(error: BaseException, arguments: Sequence[str]) -> str:
    import platform
    import tempfile
    import traceback

    from headstart import __version__

    trace = "".join(traceback.format_exception(error))
    summary = f"This is a bug in Headstart: {type(error).__name__}: {error}"
    if os.environ.get("HEADSTART_DEBUG", "") not in ("", "0"):
        return f"{trace}\n{summary}"
    details = (
        f"headstart {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"Arguments: {list(arguments)}\n\n{trace}"
    )
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="headstart-", suffix=".txt", delete=False, encoding="utf-8", errors="backslashreplace"
        ) as file:
            file.write(details)
    except OSError:  # nowhere to keep it: the traceback itself is then all that there is
        return f"{trace}\n{summary}"
    return f"{summary}\nPlease report it with this file: {file.name}"


def _tell(text: str) -> None:
    try:
        print(text, file=sys.stderr, flush=True)
    except BrokenPipeError:
        abandon(sys.stderr)
