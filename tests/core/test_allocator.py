"""Each in a process of its own: what the C library is told holds for the whole of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from headstart import pipeline
from headstart.core import allocator

glibc = pytest.mark.skipif(allocator._glibc() is None, reason="the C library is not glibc: nothing to keep")
FAULTS = """
import resource
import torch
from headstart.core.allocator import give_back, kept_memory

PAGES = 100 * 2**20 // 4096
WARM = 12  # blocks until glibc before 2.38, which cuts aligned blocks wastefully, finds the freed one again

def faults(times=4):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(times):
        torch.zeros(25 * 2**20)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / PAGES

def resident():
    with open("/proc/self/statm") as told:
        return int(told.read().split()[1])
"""


def run(code: str, **environment: str) -> list[str]:
    command = [sys.executable, "-c", FAULTS + code]
    surroundings = {"PATH": "", "PYTHONPATH": str(Path(allocator.__file__).parents[2]), **environment}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=surroundings).stdout.split()


@glibc
def test_pages_are_fetched_once_instead_of_every_time() -> None:
    outside, inside = map(float, run("print(faults())\nwith kept_memory(): faults(WARM); print(faults())"))
    # Small blocks leave no hole into which a large one fits: holes are used again whatever is set.
    (after,) = map(float, run("with kept_memory(): torch.zeros(2**18)\nfaults(WARM); print(faults())"))
    assert outside > 3
    assert inside < 0.1
    assert after > 3  # as it was


@glibc
def test_at_the_end_of_the_outermost_it_is_given_back() -> None:
    code = """
start = resident()
with kept_memory():
    with kept_memory():
        faults(1)
    print((resident() - start) / PAGES)
    give_back()
    print((resident() - start) / PAGES)
    faults(1)
print((resident() - start) / PAGES)
"""
    kept, asked_for, after = map(float, run(code))
    assert kept > 0.9
    assert asked_for < 0.2
    assert after < 0.2


@glibc
@pytest.mark.parametrize(
    "said", [{"MALLOC_TRIM_THRESHOLD_": "131072"}, {"GLIBC_TUNABLES": "glibc.malloc.mmap_threshold=131072"}]
)
def test_what_the_user_set_stays(said: dict[str, str]) -> None:
    (inside,) = map(float, run("with kept_memory(): faults(WARM); print(faults())", **said))
    assert inside > 3


def test_without_glibc_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocator, "_glibc", lambda: None)
    with allocator.kept_memory():
        allocator.give_back()


@glibc
def test_fit_keeps_memory_and_leaves_the_process_as_it_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[int] = []
    monkeypatch.setattr(pipeline, "Job", lambda *_, **__: seen.append(allocator._inside))
    with pytest.raises(AttributeError):
        pipeline.fit(tmp_path)
    assert seen == [1]
    assert allocator._inside == 0
