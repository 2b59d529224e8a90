"""`headstart fit` as a whole process with a cold feature cache, against another whole process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import Row, in_turns, ratio


def fit_once(photos: Path, model: Path, options: Sequence[str]) -> None:
    """Fit and save, in a new process and with a cache of its own; what it leaves is removed."""
    scratch = tempfile.mkdtemp()
    subprocess.run(
        [
            str(Path(sys.executable).with_name("headstart")),
            *("fit", str(photos), "--model", str(model), *options, "--quiet", "-o", f"{scratch}/run"),
        ],
        check=True,
        env=os.environ | {"HEADSTART_CACHE": f"{scratch}/cache"},
        stdout=subprocess.DEVNULL,
    )
    shutil.rmtree(scratch)


@dataclass(frozen=True)
class Claim:
    """What a row says besides its numbers: the fields of `Row` of the same names."""

    name: str
    work: str
    against: str
    at_least: str


def compare(
    photos: Path, model: Path, options: Sequence[str], *, other: Sequence[str], turns: int, claim: Claim
) -> None:
    """Keep a row for a fit with these options against `python -m` what `other` says, in turns."""

    def theirs() -> None:
        subprocess.run([sys.executable, "-m", *other], check=True)

    mine, others = in_turns(lambda: fit_once(photos, model, options), theirs, turns=turns)
    middle, spread = ratio(mine, others)
    Row(
        name=claim.name,
        work=claim.work,
        against=claim.against,
        at_least=claim.at_least,
        ratio=middle,
        spread=spread,
        ours=f"{sorted(mine)[turns // 2]:.0f} s",
        theirs=f"{sorted(others)[turns // 2]:.0f} s",
        note=f"{turns} turn(s), whole processes",
    ).save()
