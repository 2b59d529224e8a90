"""Ten epochs of a frozen ResNet-50 with a new last layer on 400 JPEG files, cold cache, against the plain loop."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.harness import Row, in_turns, ratio
from benchmarks.materials import photo_folder, resnet50_folder

TURNS = 1
OPTIONS = "--strategy linear-probe --solver gradient --optimizer sgd --learning-rate 0.001 --momentum 0.9 --epochs 10"


def main() -> None:
    """Both as whole processes, start-up included; ours also profiles, evaluates and saves."""
    photos, network = photo_folder(400), resnet50_folder()
    command = str(Path(sys.executable).with_name("headstart"))

    def ours() -> None:
        scratch = tempfile.mkdtemp()
        environment = os.environ | {"HEADSTART_CACHE": f"{scratch}/cache"}
        options = [*OPTIONS.split(), "--schedule", "constant", "--batch-size", "32", "--quiet", "-o", f"{scratch}/run"]
        subprocess.run(
            [command, "fit", str(photos), "--model", str(network), *options],
            check=True,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        shutil.rmtree(scratch)

    def theirs() -> None:
        subprocess.run([sys.executable, "-m", "benchmarks.seed_loop", str(photos)], check=True)

    mine, other = in_turns(ours, theirs, turns=TURNS)
    middle, spread = ratio(mine, other)
    Row(
        name="frozen_probe",
        work="10-epoch frozen probe, ResNet-50 at 224, 400 JPEG files, cold cache",
        against="the classic loop (plain DataLoader, fp32)",
        at_least="20x with bf16 hardware, 10x without",
        ratio=middle,
        spread=spread,
        ours=f"{sorted(mine)[len(mine) // 2]:.0f} s",
        theirs=f"{sorted(other)[len(other) // 2]:.0f} s",
        note=f"{TURNS} turn, whole processes",
    ).save()


if __name__ == "__main__":
    main()
