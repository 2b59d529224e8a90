"""Two ways to do one piece of work, timed in turns in one run; results are kept row by row so that a run can resume."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
WORK = Path(__file__).parent / ".work"
SHARED = Path(__file__).resolve().parents[2] / "shared"


@dataclass(frozen=True)
class Row:
    """One row of the table: `ratio` is the median over the turns of theirs / ours (or what `unit` says)."""

    name: str
    work: str
    against: str
    at_least: str
    ratio: float
    spread: tuple[float, float]
    unit: str = "x"
    ours: str = ""
    theirs: str = ""
    note: str = ""
    machine: str = ""
    date: str = ""
    details: dict[str, object] = field(default_factory=dict)

    def save(self) -> None:
        """Keep the row; `python -m benchmarks` then skips it until its file is deleted or `--again` is given."""
        RESULTS.mkdir(exist_ok=True)
        content = asdict(self) | {"machine": machine(), "date": date.today().isoformat()}
        (RESULTS / f"{self.name}.json").write_text(json.dumps(content, indent=2) + "\n")


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def in_turns(
    ours: Callable[[], object], theirs: Callable[[], object], *, turns: int
) -> tuple[list[float], list[float]]:
    """Seconds of both, measured alternately (ours, theirs, ours, ...) so that a drifting machine favours neither."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(turns):
        times[0].append(seconds(ours))
        times[1].append(seconds(theirs))
    return times


def ratio(ours: list[float], theirs: list[float]) -> tuple[float, tuple[float, float]]:
    """Median, minimum and maximum of theirs / ours, pair by pair."""
    ratios = [b / a for a, b in zip(ours, theirs, strict=True)]
    return statistics.median(ratios), (min(ratios), max(ratios))


def machine() -> str:
    """The processor, cores, memory and load of this machine, and the versions that matter."""
    import torch

    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    bfloat16 = "with" if torch.cpu.get_capabilities().get("avx512_bf16") else "without"
    return (
        f"{model}, {len(os.sched_getaffinity(0))} cores, {pages:.0f} GiB, {bfloat16} bf16 hardware, "
        f"Python {platform.python_version()}, torch {torch.__version__}, load {os.getloadavg()[0]:.1f}"
    )


def needs_shared(*parts: str) -> Path:
    """A path in the folder of real data beside the repository; ends the script with a sentence where it is missing."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        raise SystemExit(f"This row needs {Path('..', 'shared', *parts)}, which is not here.")
    return path
