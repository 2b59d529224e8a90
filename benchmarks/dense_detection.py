"""What detection of blood cells reaches in a given time: transfer, and the same network from scratch.

BCCD, 205 training, 87 validation and 72 test pictures of 640 x 480 pixels, 3 classes. Every arm gets the same minutes,
planned for itself. `python -m benchmarks.dense_detection` measures the cells that are not in
`results/dense_detection.json` yet and prints the table; `--minutes 30 10`, `--seeds 0 1 2` and `--arm NAME` say which,
`--table` only prints.
"""

from __future__ import annotations

from typing import Any

from benchmarks.cells import Cells
from benchmarks.dense_cells import Dense, fitted
from benchmarks.harness import RESULTS, needs_shared

CELLS = Cells(RESULTS / "dense_detection.json")
MODEL = "mobilenetv2_100.imagenet"
ARMS: dict[str, tuple[str, str]] = {
    "transfer": ("auto", "MobileNetV2 from ImageNet, head first, then all layers"),
    "scratch": ("scratch", "the same network without its weights"),
    "full": ("full", "MobileNetV2 from ImageNet, all layers from the start"),
    "frozen": ("linear-probe", "the same network frozen, pyramid and head trained"),
}
"""By name: the strategy, and what it is. Those after the first two are measured on request."""
USUAL = ("transfer", "scratch")


def measured(arm: str, *, minutes: float, seed: int, size: int | None, precision: str = "auto") -> dict[str, Any]:
    """One fit within its minutes."""
    import headstart as hs

    strategy, _ = ARMS[arm]
    options = hs.FitOptions(
        model=str(needs_shared("models", MODEL)),
        strategy=strategy,
        seed=seed,
        budget=60 * minutes,
        image_size=size,
        precision=precision,
    )
    record, further = fitted(needs_shared("data", "bccd"), options)
    assert record.test is not None
    return {
        **{name: record.test.metrics[name] for name in ("mAP50", "mAP", "mAP75")},
        "interval": list(record.test.intervals["mAP50"]),
        "validation": record.validation.metrics["mAP50"] if record.validation else None,
        "per_class": {row.label: row.average_precision_50 for row in record.test.per_class},
        **further,
    }


BENCHMARK = Dense("dense_detection", CELLS, tuple(ARMS), USUAL, {"mAP50": "mAP50", "mAP": "mAP"}, measured)


if __name__ == "__main__":
    BENCHMARK.run(__doc__)
