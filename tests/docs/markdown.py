"""The code blocks of a Markdown page, with what the page says about running them.

A comment on the line before a block changes what the test does with it, and gives the reason:

    <!-- not run: it installs packages -->
    <!-- output not compared: it depends on the machine -->
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

FENCE = re.compile(
    r"^(?:<!--\s*(?P<marker>not run|output not compared):\s*(?P<reason>[^\n]*?)\s*-->\n+)?"
    r"^```(?P<language>[^\n`]*)\n(?P<code>.*?)^```[ \t]*$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """One fenced block; `line` is where its code starts."""

    language: str
    code: str
    line: int
    run: bool = True
    compare: bool = True


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in order. Raises `ValueError` where a block has no language, a marker no reason."""
    found = []
    for match in FENCE.finditer(page):
        line = page[: match.start("code")].count("\n") + 1
        if not match["language"].strip():
            raise ValueError(f"line {line}: the block has no language; write ```text for plain text")
        if match["marker"] and not match["reason"]:
            raise ValueError(f"line {line}: '{match['marker']}' has no reason")
        marker = match["marker"]
        found.append(
            Block(match["language"].strip(), match["code"], line, marker != "not run", marker != "output not compared")
        )
    return found


def commands(code: str) -> list[tuple[str, str]]:
    """Each `$ command` of a console block with the output that the page shows under it."""
    pairs: list[tuple[str, str]] = []
    for line in code.splitlines():
        if line.startswith("$ "):
            pairs.append((line[2:], ""))
        elif not pairs:
            raise ValueError(f"a console block starts with '$ ', not with: {line}")
        elif line.startswith("> "):
            pairs[-1] = (f"{pairs[-1][0]}\n{line[2:]}", "")
        else:
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]}{line}\n")
    return pairs


def command_words(command: str) -> list[str] | None:
    """The words of a `headstart ...` that means the same without a shell, else None."""
    unquoted = re.sub(r"'[^']*'", "", command)
    if not command.startswith("headstart ") or re.search(r"""[^\w\s./:,=%@+-]""", unquoted):
        return None
    return shlex.split(command)


def matches(expected: str, actual: str) -> bool:
    """Whether the output is what the page shows, where `...` stands for any text."""
    parts = [re.escape(part) for part in _tidy(expected).split("...")]
    return re.fullmatch(".*?".join(parts), _tidy(actual), re.DOTALL) is not None


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
