"""Training on boxes and on masks: pictures a second, against a plain loop in float32 as torchvision's references are.

Blood cells (BCCD) with MobileNetV2 and the light FCOS head, road scenes (CamVid) with MobileNetV2 and the light
decoder. Both sides train the same network with the same loss by AdamW in batches of 8, at the same input size, on the
same files: ours as `--strategy full` does it, theirs by a DataLoader with transforms of torchvision v2 that scale, cut,
mirror and (for masks) recolour over the same ranges. Batch norms keep their statistics on both sides, as those of
torchvision's detectors do, which makes the plain loop faster, too. An epoch of ours is the second of a fit, with its
checkpoint: start and save do not count, and it finds its pictures decoded, as all epochs but the first do.

`python -m benchmarks.dense_speed` measures both, `--task`, `--pictures N` and `--turns N` say less; only a whole run is
kept as a row.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.harness import Row, needs_shared, ratio

MODEL = "mobilenetv2_100.imagenet"
TURNS = 3
BATCH = 8
IGNORED = 11


@dataclass(frozen=True)
class Kind:
    """One task: its row's name, what it is called, its data, and the ranges over which its pictures are changed."""

    row: str
    title: str
    copied: Callable[[Path, int | None], None]
    augmentation: str
    scales: tuple[float, float]
    jitter: float
    ignored: tuple[int, ...] = ()


def copy_cells(folder: Path, pictures: int | None) -> None:
    """The first training pictures of BCCD with their boxes."""
    names = needs_shared("data", "bccd", "ImageSets", "Main", "train.txt").read_text().split()
    for name in names[:pictures]:
        for part, suffix in (("Annotations", "xml"), ("JPEGImages", "jpg")):
            (folder / part).mkdir(parents=True, exist_ok=True)
            shutil.copy(needs_shared("data", "bccd", part, f"{name}.{suffix}"), folder / part)


def copy_streets(folder: Path, pictures: int | None) -> None:
    """The first training pictures of CamVid with their masks."""
    for kind in ("images", "labels"):
        (folder / "train" / kind).mkdir(parents=True)
        for file in sorted(needs_shared("data", "camvid", "train", kind).iterdir())[:pictures]:
            shutil.copy(file, folder / "train" / kind)
    shutil.copy(needs_shared("data", "camvid", "classes.txt"), folder)


KINDS = {
    "boxes": Kind("dense_speed", "BCCD, MobileNetV2 and FCOS", copy_cells, "crop", (0.6, 1.6), jitter=0.0),
    "masks": Kind(
        "dense_speed_masks",
        "CamVid, MobileNetV2 and a light decoder",
        copy_streets,
        "strong",
        (0.4, 2.0),
        jitter=0.3,
        ignored=(IGNORED,),
    ),
}


def picture_of_ours(kind: Kind, data: Any) -> tuple[float, tuple[int, int]]:
    """Seconds a picture in the second epoch of a fit, and the height and width of the inputs."""
    import headstart as hs
    from headstart.core.options import StrategyOptions
    from headstart.data.geometry import padded_size

    settings = StrategyOptions(epochs=2, batch_size=BATCH, augmentation=kind.augmentation)
    model = str(needs_shared("models", MODEL))
    options = hs.FitOptions(model=model, strategy="full", validation=0.0, test=0.0, settings=settings)
    with tempfile.TemporaryDirectory() as place:
        run = hs.fit(data, output=Path(place) / "run", options=options)
        with (run.folder / "curve.csv").open() as file:
            first, second = (float(row["seconds"]) for row in csv.DictReader(file))
    return (second - first) / seen_in_an_epoch(data.dataset), padded_size([run.record.plan.input.size])


def seen_in_an_epoch(dataset: Any) -> int:
    """Pictures of an epoch of ours, those of rare classes as often as they come."""
    from headstart.train.repeated_feed import repeats

    return int(repeats(dataset.presence()).sum()) if dataset.task == "object-detection" else len(dataset)


def picture_of_theirs(kind: Kind, data: Any, size: tuple[int, int], processes: int) -> float:
    """Seconds a picture."""
    from benchmarks.dense_plain import plain_epoch, transform_of

    boxes = data.dataset.task == "object-detection"
    transform = transform_of(size, scales=kind.scales, jitter=kind.jitter, boxes=boxes)
    model = needs_shared("models", MODEL)
    elapsed = plain_epoch(data.dataset, model, transform=transform, batch=BATCH, processes=processes)
    return elapsed / len(data.dataset)


def measured(kind: Kind, *, pictures: int | None, turns: int, processes: int) -> Row:
    """In turns, each turn with networks of its own."""
    import headstart as hs

    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "data"
        kind.copied(folder, pictures)
        data = hs.load_data(folder, options=hs.ReadOptions(ignore_index=kind.ignored))
        for _ in range(turns):
            mine, size = picture_of_ours(kind, data)
            ours.append(mine)
            theirs.append(picture_of_theirs(kind, data, size, processes))
            print(f"{kind.row}: {1 / ours[-1]:.2f} and {1 / theirs[-1]:.2f} pictures/s", flush=True)
        count = len(data.dataset)
    middle, spread = ratio(ours, theirs)
    return Row(
        name=kind.row,
        work=f"full fine-tuning, {kind.title} at {size[1]} x {size[0]}, pictures in files, batches of {BATCH}",
        against="the same network in a plain loop in float32, transforms of torchvision v2 in a DataLoader",
        at_least="2x with bf16 hardware, 1.2x without",
        ratio=middle,
        spread=spread,
        ours=f"{1 / statistics.median(ours):.1f} pictures/s",
        theirs=f"{1 / statistics.median(theirs):.1f} pictures/s",
        note=f"{turns} turns of {count} pictures",
        details={"ours": ours, "theirs": theirs, "processes of the DataLoader": processes},
    )


def main() -> None:
    """Both tasks, or the one that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dense_speed", description=__doc__)
    parser.add_argument("--task", choices=KINDS, action="append", help="only this one")
    parser.add_argument("--pictures", type=int, help="only the first so many; nothing is kept then")
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--processes", type=int, default=0, help="those of the DataLoader beside the loop; 0: none")
    asked = parser.parse_args()
    for name in asked.task or KINDS:
        row = measured(KINDS[name], pictures=asked.pictures, turns=asked.turns, processes=asked.processes)
        print(f"{name}: {row.ratio:.2f}x ({row.spread[0]:.2f} to {row.spread[1]:.2f})", flush=True)
        if asked.pictures is None:
            row.save()


if __name__ == "__main__":
    main()
