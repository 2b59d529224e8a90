"""Errors that a person can act on: what was wrong, what is allowed, what to do next."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class HeadstartError(Exception):
    """One or more problems with what the user gave, all reported at once.

    `problems` says what was wrong, one sentence each; `hint` says what to do next. The command line prints both and
    ends with `exit_code`; it never shows a traceback for this class.
    """

    exit_code = 2

    def __init__(self, problems: str | Iterable[str], *, hint: str = "") -> None:
        self.problems: tuple[str, ...] = (problems,) if isinstance(problems, str) else tuple(problems)
        self.hint = hint
        super().__init__(str(self))

    def __str__(self) -> str:
        text = self.problems[0] if len(self.problems) == 1 else "\n".join(f"- {problem}" for problem in self.problems)
        return f"{text}\n{self.hint}" if self.hint else text


class DataError(HeadstartError):
    """The data cannot be used as they are."""


class ModelError(HeadstartError):
    """A model id is unknown, or its weights cannot be had or trusted."""


class OptionError(HeadstartError):
    """An option has a value that is not allowed."""


class RunError(HeadstartError):
    """A saved run cannot be read or written."""


class TrainingError(HeadstartError):
    """Training cannot go on with these settings."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, where what was done so far is kept; `hint` says how to go on."""

    def __init__(self, hint: str) -> None:
        self.hint = hint
        super().__init__(hint)


def did_you_mean(value: str, allowed: Iterable[str]) -> str:
    """` Did you mean 'x'?` for the closest of `allowed`, or an empty string where none is close."""
    close = difflib.get_close_matches(value, list(allowed), n=1)
    return f" Did you mean '{close[0]}'?" if close else ""


def unknown(kind: str, value: str, allowed: Iterable[str]) -> OptionError:
    """The error for a `value` that is not among the `allowed` ones of a `kind`."""
    names = sorted(allowed)
    return OptionError(f"Unknown {kind} '{value}'.{did_you_mean(value, names)}", hint=f"Allowed: {', '.join(names)}.")
