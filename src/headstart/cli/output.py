"""Standard output: results only, readable by a person or as JSON, whatever the encoding of the terminal."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from headstart.cli.options import Common

_reserved: TextIO | None = None


def show(result: Any, text: str, *, common: Common) -> None:
    """Write a result: `result`, made of plain JSON values, with `--json`, and `text` otherwise.

    The JSON is plain ASCII, so that no encoding can break it, and has null where a number is not finite.
    """
    if not common.json:
        write(text)
        return
    import json

    write(json.dumps(_finite(result), indent=2, allow_nan=False))


def write(text: str) -> None:
    """One piece of a result and a line end; for results that are streamed rather than shown at once."""
    with _said_plainly():
        print(text, file=_reserved or sys.stdout)


@contextmanager
def reserve_standard_output() -> Iterator[None]:
    """Keep standard output for `show` and `write`: what anything else prints meanwhile goes to standard error."""
    global _reserved
    _reserved = sys.stdout
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        _reserved = None


def accept_any_text() -> None:
    """Let no character stop us: one that the terminal or a file name cannot encode is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def finish() -> None:
    """Write out what is buffered. Raises `HeadstartError` where that fails, on a full disk for instance."""
    with _said_plainly():
        sys.stdout.flush()


def abandon(stream: TextIO) -> None:
    """Send what is still buffered nowhere, or the interpreter would fail once more when it flushes at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # not our failure: see `failures.exit_code`
        raise
    except OSError as error:
        from headstart.core.errors import HeadstartError

        abandon(sys.stdout)
        raise HeadstartError(f"The result could not be written to standard output: {error.strerror}.") from error


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not -float("inf") < value < float("inf"):
        return None
    return value
