"""The options that every command has. A command takes them as one parameter: `common: Common`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from typer import Option


@dataclass(frozen=True)
class Common:
    """What every command is told: how to answer, and on what machine to work."""

    json: Annotated[bool, Option("--json", help="Write the result to standard output as JSON.")] = False
    seed: Annotated[int, Option(min=0, max=2**32 - 1, help="Decides every random choice.")] = 0
    device: Annotated[str, Option(metavar="NAME", help="auto, cpu, cuda, cuda:1 or mps.")] = "auto"
    offline: Annotated[bool, Option("--offline", help="Never use the network.")] = False
    allow_code: Annotated[
        bool, Option("--allow-code", help="Run the Python code that a model comes with, such as torchhub/ ones do.")
    ] = False
    quiet: Annotated[bool, Option("--quiet", help="Say nothing but the result and errors.")] = False
