"""`headstart --help` against `python -c pass`: what a person waits for before anything happens."""

import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.harness import Row, in_turns

TURNS = 15


def main() -> None:
    """Measure the extra start-up seconds."""
    command = str(Path(sys.executable).with_name("headstart"))
    ours, theirs = in_turns(
        lambda: subprocess.run([command, "--help"], capture_output=True, check=True),
        lambda: subprocess.run([sys.executable, "-c", "pass"], check=True),
        turns=TURNS,
    )
    extra = [a - b for a, b in zip(ours, theirs, strict=True)]
    Row(
        name="command_help",
        work="`headstart --help`",
        against="`python -c pass`",
        at_least="+ 0.3 s or less",
        ratio=statistics.median(extra),
        spread=(min(extra), max(extra)),
        unit=" s more",
        ours=f"{statistics.median(ours):.3f} s",
        theirs=f"{statistics.median(theirs):.3f} s",
        note=f"{TURNS} turns",
    ).save()


if __name__ == "__main__":
    main()
