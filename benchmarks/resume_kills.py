"""Twenty fits that are killed (`kill -9`) at a random moment and gone on with, against one that nobody disturbed."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import WORK, Row

KILLS = 20
SEED = 15
EPOCHS = 16
# The real command; only the least distance of checkpoints within an epoch (ten seconds) is shortened, so that a run of
# seconds has as many of them as one of hours.
COMMAND = """
import sys
from headstart.cli import main
from headstart.train import saving
saving.LEAST_SECONDS, saving.SHARE = 0.05, 0.3
sys.exit(main())
"""
SETTINGS = ["--model", "starter/tiny-resnet", "--strategy", "full", "--image-size", "32", "--device", "cpu"]
SETTINGS += ["--epochs", str(EPOCHS), "--batch-size", "16", "--offline"]


@dataclass
class Killed:
    """What became of one run: when it was killed, and what the folder held then."""

    second: float
    held: list[str]
    weights: str = ""


def fit(*arguments: str, cache: Path) -> subprocess.Popen[bytes]:
    """`headstart fit` in a process of its own, with a cache of its own."""
    environment = {**os.environ, "HEADSTART_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, "fit", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    )


def finished(folder: Path, *arguments: str, cache: Path) -> str:
    """The hash of the weights of a fit that nobody disturbs."""
    process = fit(*arguments, cache=cache)
    if process.wait():
        raise SystemExit(f"headstart fit {' '.join(arguments)} ended with {process.returncode}.")
    return hashlib.sha256((folder / "weights.safetensors").read_bytes()).hexdigest()


def killed(folder: Path, data: Path, *, moment: float, cache: Path) -> Killed | None:
    """Kill a fit `moment` seconds after it was begun and go on with it; None where it had ended by itself."""
    process = fit(str(data), "-o", str(folder), *SETTINGS, cache=cache)
    deadline = time.monotonic() + moment
    while time.monotonic() < deadline:
        time.sleep(0.002)
    process.kill()
    if process.wait() == 0:
        return None
    held = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    # Before the request is written nothing has been done yet, and the command itself is what is given again.
    begun = "request.json" in held or "run.json" in held
    run = Killed(moment, held)
    again = ["--resume", str(folder)] if begun else [str(data), "-o", str(folder), *SETTINGS]
    run.weights = finished(folder, *again, cache=cache)
    return run


def main() -> None:
    """Kill, go on, compare; every moment from the start of the process to its end is as likely."""
    from headstart.demonstration import write_digits

    place = WORK / "resume_kills"
    shutil.rmtree(place, ignore_errors=True)
    data = write_digits(place / "digits", per_class=16, seed=0)
    for test in sorted((data / "test").rglob("*.png"))[200:]:
        test.unlink()
    started = time.monotonic()
    expected = finished(place / "whole", str(data), "-o", str(place / "whole"), *SETTINGS, cache=place / "cache-whole")
    length = time.monotonic() - started
    print(f"undisturbed: {length:.1f} s, weights {expected[:16]}", flush=True)
    drawn = random.Random(SEED)
    runs: list[Killed] = []
    while len(runs) < KILLS:
        name, moment = f"{len(runs)}-{drawn.random():.4f}", drawn.uniform(0, length)
        run = killed(place / f"run-{name}", data, moment=moment, cache=place / f"cache-{name}")
        if run is None:  # too late to be killed: the machine is quicker than it was
            length = moment
            continue
        runs.append(run)
        same = "identical" if run.weights == expected else "DIFFERENT"
        print(f"killed after {run.second:.2f} s, with {', '.join(run.held) or 'nothing'}: {same}", flush=True)
    same = sum(run.weights == expected for run in runs)
    training = sum("checkpoint.safetensors" in run.held and "run.json" not in run.held for run in runs)
    Row(
        name="resume_kills",
        work="resumed run",
        against="uninterrupted run",
        at_least=f"identical weights, {KILLS} random kills",
        ratio=same,
        spread=(same, same),
        unit=f" of {KILLS} identical",
        ours=", ".join(sorted({run.weights[:16] for run in runs})),
        theirs=expected[:16],
        note=f"`fit --strategy full` on 160 digits, `kill -9` at a random moment, {training} of them in the training",
        details={"seconds": length, "kills": [[run.second, run.held, run.weights] for run in runs]},
    ).save()


if __name__ == "__main__":
    main()
