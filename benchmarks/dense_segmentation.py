"""What segmentation of road scenes reaches in a given time: transfer, the same from scratch, and a network from VOC.

CamVid, 367 training, 101 validation and 233 test pictures of 480 x 360 pixels, 11 classes, pixels of value 11 left out.
Every arm gets the same minutes, planned for itself. `python -m benchmarks.dense_segmentation` measures the cells that
are not in `results/dense_segmentation.json` yet and prints the table; `--minutes 30 10`, `--seeds 0 1 2` and `--arm
NAME` say which, `--table` only prints.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.cells import Cells
from benchmarks.harness import RESULTS, machine, needs_shared

CELLS = Cells(RESULTS / "dense_segmentation.json")
IGNORED = 11
ARMS: dict[str, tuple[str, str, str]] = {
    "transfer": ("mobilenetv2_100.imagenet", "auto", "MobileNetV2 from ImageNet, head first, then all layers"),
    "scratch": ("mobilenetv2_100.imagenet", "scratch", "the same network without its weights"),
    "frozen": ("mobilenetv2_100.imagenet", "linear-probe", "the same network frozen, neck and classifier trained"),
    "voc": ("deeplabv3_mobilenet_v2_1.0_513.voc", "auto", "the network of a DeepLabV3 from Pascal VOC, new head"),
}
"""By name: the folder of the model, the strategy, and what it is."""


def measured(arm: str, *, minutes: float, seed: int, size: int | None) -> dict[str, Any]:
    """One fit within its minutes."""
    import headstart as hs

    model, strategy, _ = ARMS[arm]
    folder = needs_shared("models", model)
    data = hs.load_data(needs_shared("data", "camvid"), options=hs.ReadOptions(ignore_index=(IGNORED,)))
    with tempfile.TemporaryDirectory() as place:
        started = time.perf_counter()
        options = hs.FitOptions(model=str(folder), strategy=strategy, seed=seed, budget=60 * minutes, image_size=size)
        run = hs.fit(data, output=Path(place) / "run", options=options)
        elapsed = time.perf_counter() - started
    record = run.record
    assert record.test is not None
    return {
        "mean_iou": record.test.metrics["mean_iou"],
        "interval": list(record.test.intervals["mean_iou"]),
        "pixel_accuracy": record.test.metrics["pixel_accuracy"],
        "validation": record.validation.metrics["mean_iou"] if record.validation else None,
        "per_class": {row.label: row.iou for row in record.test.per_class},
        "steps": record.plan.strategy.steps,
        "batch": record.plan.strategy.batch_size,
        "input": list(record.plan.input.size) if hasattr(record.plan.input, "size") else [],
        "seconds": round(elapsed, 1),
        "notes": list(record.notes),
        "machine": machine(),
    }


def name_of(arm: str, minutes: float, seed: int, size: int | None) -> str:
    """How a cell is called."""
    return f"{arm}, {minutes:g} minutes, seed {seed}" + (f", {size} pixels" if size else "")


def table() -> str:
    """A line a cell, and the gain over scratch where both are there."""
    cells = CELLS.read()
    lines = ["| arm | mean IoU on test | 95 % interval | pixel accuracy | steps | input |", "|---|---|---|---|---|---|"]
    for name, cell in cells.items():
        low, high = cell["interval"]
        high_wide = " x ".join(map(str, cell["input"][::-1]))
        lines.append(
            f"| {name} | {cell['mean_iou']:.3f} | {low:.3f} to {high:.3f} | {cell['pixel_accuracy']:.3f} "
            f"| {cell['steps']} | {high_wide} |"
        )
    for name, cell in cells.items():
        other = cells.get(name.replace("transfer", "scratch", 1))
        if name.startswith("transfer") and other is not None:
            gain = 100 * (cell["mean_iou"] - other["mean_iou"])
            lines.append(f"\n{name}: {gain:+.1f} points of mean IoU over scratch.")
    return "\n".join(lines)


def main() -> None:
    """Measure what is missing, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dense_segmentation", description=__doc__)
    parser.add_argument("--table", action="store_true", help="only print the table")
    parser.add_argument("--arm", choices=list(ARMS), action="append", help="only this arm; may be given again")
    parser.add_argument("--minutes", type=float, nargs="+", default=[30.0], help="minutes of a fit")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--size", type=int, help="longer side of the input; the plan's own if not given")
    asked = parser.parse_args()
    for minutes in () if asked.table else asked.minutes:
        for seed in asked.seeds:
            for arm in asked.arm or list(ARMS):
                name = name_of(arm, minutes, seed, asked.size)
                if name not in CELLS.read():
                    CELLS.add(name, measured(arm, minutes=minutes, seed=seed, size=asked.size))
                    print(table(), flush=True)
    print(table())


if __name__ == "__main__":
    main()
