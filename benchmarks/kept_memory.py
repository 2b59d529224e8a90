"""Training steps of plain networks with freed memory kept by the process, and given back as the C library does it.

Each cell is a process of its own: two steps unmeasured, then six, forward, backward and AdamW, channels last. What is
compared is nothing but the memory's keeping. Page faults and the largest resident memory are counted beside the time.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

from benchmarks.harness import Row, ratio

TURNS = 3
CASES = (
    ("mobilenetv2_100", 8, (352, 480), "float32"),
    ("mobilenetv2_100", 8, (352, 480), "bfloat16"),
)
STEPS = """
import json, resource, sys, time
from contextlib import nullcontext
import timm, torch
from headstart.core.allocator import kept_memory

kept, network, batch, size, precision = json.loads(sys.argv[1])
model = timm.create_model(network, num_classes=5).train().to(memory_format=torch.channels_last)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
inputs = torch.randn(batch, 3, *size).contiguous(memory_format=torch.channels_last)
labels = torch.randint(0, 5, (batch,))

def step():
    optimizer.zero_grad()
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
        loss = torch.nn.functional.cross_entropy(model(inputs), labels)
    loss.backward()
    optimizer.step()

with kept_memory() if kept else nullcontext():
    for _ in range(2):
        step()
    faults, started = resource.getrusage(resource.RUSAGE_SELF).ru_minflt, time.perf_counter()
    for _ in range(6):
        step()
    seconds = (time.perf_counter() - started) / 6
    used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"seconds": seconds, "faults": (used.ru_minflt - faults) / 6, "mib": used.ru_maxrss / 1024}))
"""


def steps(kept: bool, case: tuple[str, int, tuple[int, int], str]) -> dict[str, float]:
    """Seconds and page faults of a step, and the largest resident memory in MiB."""
    command = [sys.executable, "-c", STEPS, json.dumps([kept, *case])]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def main() -> None:
    """Every case in turns; the row's ratio is the smaller of the cases' medians."""
    rows: dict[str, dict[str, object]] = {}
    ratios: list[float] = []
    told, against = [], []
    for case in CASES:
        pairs = [(steps(True, case), steps(False, case)) for _ in range(TURNS)]
        measured, spread = ratio([one["seconds"] for one, _ in pairs], [other["seconds"] for _, other in pairs])
        ours, theirs = (
            {key: statistics.median(pair[side][key] for pair in pairs) for key in ("seconds", "faults", "mib")}
            for side in (0, 1)
        )
        name = f"{case[0]} in {case[3]}"
        rows[name] = {"ratio": measured, "spread": spread, "kept": ours, "given back": theirs}
        ratios.append(measured)
        told.append(f"{ours['seconds']:.2f} s, {ours['mib'] / 1024:.1f} GiB")
        against.append(f"{theirs['seconds']:.2f} s, {theirs['mib'] / 1024:.1f} GiB")
        print(name, rows[name], flush=True)
    Row(
        name="kept_memory",
        work="training step on a processor, freed memory kept: " + ", ".join(rows),
        against="the same, memory given back as glibc does it",
        at_least="faster",
        ratio=min(ratios),
        spread=(min(ratios), max(ratios)),
        ours="; ".join(told),
        theirs="; ".join(against),
        note=f"the smaller and the larger of the two medians, {TURNS} turns each, processes of their own",
        details=dict(rows),
    ).save()


if __name__ == "__main__":
    main()
