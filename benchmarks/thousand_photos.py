"""1,000 12-megapixel JPEG photos to a saved model, against the same job with PIL and a plain loop."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.harness import Row, in_turns, needs_shared, ratio
from benchmarks.materials import large_photo_folder

PHOTOS, TURNS = 1000, 1


def main() -> None:
    """Whole processes, start-up included, cold feature cache, files in the system's page cache on both sides."""
    photos, network = large_photo_folder(PHOTOS), needs_shared("models", "mobilenetv2_100.imagenet")
    command = str(Path(sys.executable).with_name("headstart"))

    def ours() -> None:
        scratch = tempfile.mkdtemp()
        environment = os.environ | {"HEADSTART_CACHE": f"{scratch}/cache"}
        options = ["--strategy", "linear-probe", "--quiet", "-o", f"{scratch}/run"]
        subprocess.run(
            [command, "fit", str(photos), "--model", str(network), *options],
            check=True,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        shutil.rmtree(scratch)

    def theirs() -> None:
        subprocess.run([sys.executable, "-m", "benchmarks.plain_probe", str(photos), str(network)], check=True)

    for file in photos.rglob("*.jpg"):
        file.read_bytes()
    mine, other = in_turns(ours, theirs, turns=TURNS)
    middle, spread = ratio(mine, other)
    Row(
        name="thousand_photos",
        work="1,000 12-megapixel JPEG photos to a saved model, MobileNetV2",
        against="PIL, a plain loop for the features, scikit-learn's logistic regression",
        at_least="aim: 90 s",
        ratio=middle,
        spread=spread,
        ours=f"{sorted(mine)[len(mine) // 2]:.0f} s",
        theirs=f"{sorted(other)[len(other) // 2]:.0f} s",
        note=f"{TURNS} turn(s), whole processes",
    ).save()


if __name__ == "__main__":
    main()
