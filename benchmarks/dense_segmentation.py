"""What segmentation of road scenes reaches in a given time: transfer, the same from scratch, and a network from VOC.

CamVid, 367 training, 101 validation and 233 test pictures of 480 x 360 pixels, 11 classes, pixels of value 11 left out.
Every arm gets the same minutes, planned for itself. `python -m benchmarks.dense_segmentation` measures the cells that
are not in `results/dense_segmentation.json` yet and prints the table; `--minutes 30 10`, `--seeds 0 1 2` and `--arm
NAME` say which, `--table` only prints. The arm `rank` trains nothing to the end: it lets `rank` choose, in the minutes
given, between the networks of `transfer` and of `voc`, without a look at the test part.
"""

from __future__ import annotations

import json
from typing import Any

from benchmarks.cells import Cells
from benchmarks.dense_cells import Dense, fitted
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
RANK = "rank"
RANKED = ("transfer", "voc")


def measured(arm: str, *, minutes: float, seed: int, size: int | None, precision: str = "auto") -> dict[str, Any]:
    """One fit within its minutes, or one ranking."""
    import headstart as hs

    if arm == RANK:
        return ranked(minutes=minutes, seed=seed, size=size, precision=precision)
    model, strategy, _ = ARMS[arm]
    options = hs.FitOptions(
        model=str(needs_shared("models", model)),
        strategy=strategy,
        seed=seed,
        budget=60 * minutes,
        image_size=size,
        precision=precision,
    )
    record, further = fitted(needs_shared("data", "camvid"), options, ignored=(IGNORED,))
    assert record.test is not None
    return {
        "mean_iou": record.test.metrics["mean_iou"],
        "interval": list(record.test.intervals["mean_iou"]),
        "pixel_accuracy": record.test.metrics["pixel_accuracy"],
        "validation": record.validation.metrics["mean_iou"] if record.validation else None,
        "per_class": {row.label: row.iou for row in record.test.per_class},
        **further,
    }


def ranked(*, minutes: float, seed: int, size: int | None, precision: str) -> dict[str, Any]:
    """What `rank` says of the networks of two arms, and which it takes."""
    import headstart as hs

    folders = {str(needs_shared("models", ARMS[arm][0])): arm for arm in RANKED}
    data = hs.load_data(needs_shared("data", "camvid"), options=hs.ReadOptions(ignore_index=(IGNORED,)))
    options = hs.RankOptions(
        models=tuple(folders), budget=60 * minutes, seed=seed, image_size=size, precision=precision
    )
    found = hs.rank(data, options=options)
    by_arm = {folders[model.id]: model for model in found.rows}
    told = ", ".join(f"{arm} {model.score:.3f} (probe {model.probe.value:.3f})" for arm, model in by_arm.items())
    chosen = folders[found.chosen]
    tied = ", which cannot be told from the other" if len(found.tied) > 1 else ""
    return {
        "chosen": chosen,
        "sentence": f"`rank` takes {chosen}{tied}: {told}.",
        "models": {arm: _described(model) for arm, model in by_arm.items()},
        "tied": [folders[one] for one in found.tied],
        "reasons": [_described(reason) for reason in found.reasons],
        "items": found.items,
        "seconds": found.seconds,
        "machine": machine(),
    }


def _described(record: Any) -> dict[str, Any]:
    """The record without the folder of this machine in which the models lie."""
    told: dict[str, Any] = json.loads(record.model_dump_json().replace(f"{needs_shared('models')}/", ""))
    return told


BENCHMARK = Dense(
    "dense_segmentation",
    CELLS,
    (*ARMS, RANK),
    (*ARMS, RANK),
    {"mean_iou": "mean IoU", "pixel_accuracy": "pixel accuracy"},
    measured,
)


if __name__ == "__main__":
    BENCHMARK.run(__doc__)
