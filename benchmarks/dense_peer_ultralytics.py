"""Blood cells (BCCD) by the smallest detector of Ultralytics, from its description without weights, in a given time.

It is trained on the training part in an environment of its own, at its own settings, for so many minutes (its
validation each epoch counts); its checkpoint that is best on the validation part looks at the test part, and what it
finds there is measured by the code that measures ours. `python -m benchmarks.dense_peer_ultralytics --venv FOLDER`
makes the environment where there is none and adds a cell to `results/dense_detection.json`; `--minutes`, `--seeds` and
`--size`, the side of its square inputs, say which. Its usage reports, downloads and plots are off.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.dense_detection import BENCHMARK, CELLS
from benchmarks.harness import machine, needs_shared
from benchmarks.peer_environment import interpreter, own

VERSION = "8.4.190"
NETWORK = "yolo26n"
ENVIRONMENT = {"YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "false", "YOLO_VERBOSE": "false"}
LEAST_SCORE, MOST = 0.001, 300
THEIRS = """
import csv, json, sys
from pathlib import Path
import ultralytics
from ultralytics import YOLO

asked = json.loads(sys.argv[1])
model = YOLO(asked["network"] + ".yaml")
model.train(
    data=asked["data"], time=asked["minutes"] / 60, imgsz=asked["size"], seed=asked["seed"], project=asked["output"],
    name="run", pretrained=False, device="cpu", amp=False, plots=False,
)
folder = Path(model.trainer.save_dir)
best = YOLO(folder / "weights" / "best.pt")
found = {}
for picture in sorted(Path(asked["test"]).iterdir()):
    (answer,) = best.predict(
        picture, imgsz=asked["size"], conf=asked["least_score"], max_det=asked["most"], device="cpu", verbose=False
    )
    boxes = answer.boxes
    found[picture.stem] = [boxes.xyxy.tolist(), boxes.cls.int().tolist(), boxes.conf.tolist()]
epochs = len(list(csv.DictReader((folder / "results.csv").open())))
steps = epochs * len(model.trainer.train_loader)
told = {"found": found, "epochs": epochs, "steps": steps, "batch": model.trainer.batch_size}
told["parameters"] = sum(weight.numel() for weight in best.model.parameters())
Path(asked["output"], "told.json").write_text(json.dumps(told))
"""


def write_yolo(dataset: Any, folder: Path) -> Path:
    """The pictures of each part with text files of their boxes beside them; returns `data.yaml`."""
    from headstart.core.dataset import Part

    for index in range(len(dataset)):
        part = Part(int(dataset.parts[index])).name.lower()
        source, boxes = Path(dataset.inputs.stamp(index).path), dataset.targets[index]
        wide, high = _size(source)
        lines = [
            f"{label} {(left + right) / 2 / wide:.6f} {(top + bottom) / 2 / high:.6f} "
            f"{(right - left) / wide:.6f} {(bottom - top) / high:.6f}\n"
            for (left, top, right, bottom), label, ignored in zip(
                boxes.xyxy.tolist(), boxes.labels, boxes.ignored, strict=True
            )
            if not ignored
        ]
        for kind in ("images", "labels"):
            (folder / kind / part).mkdir(parents=True, exist_ok=True)
        shutil.copy(source, folder / "images" / part)
        (folder / "labels" / part / f"{source.stem}.txt").write_text("".join(lines))
    parts = {"train": "images/train", "val": "images/validation"}
    described = {"path": str(folder), **parts, "names": list(dataset.labels)}
    (folder / "data.yaml").write_text(json.dumps(described))  # JSON is YAML
    return folder / "data.yaml"


def measured(python: Path, *, minutes: float, seed: int, size: int) -> dict[str, Any]:
    """One training and what it finds on the test part."""
    import headstart as hs
    from headstart.core.dataset import Part
    from headstart.tasks.object_detection import ObjectDetection

    dataset = hs.load_data(needs_shared("data", "bccd")).dataset
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        asked = {
            "data": str(write_yolo(dataset, folder / "data")),
            "test": str(folder / "data" / "images" / "test"),
            "output": str(folder),
            "network": NETWORK,
            "minutes": minutes,
            "size": size,
            "seed": seed,
            "least_score": LEAST_SCORE,
            "most": MOST,
        }
        started = time.perf_counter()
        command = [str(python), "-c", THEIRS, json.dumps(asked)]
        subprocess.run(command, check=True, cwd=folder, env=own(YOLO_CONFIG_DIR=place, **ENVIRONMENT))
        elapsed = time.perf_counter() - started
        told = json.loads((folder / "told.json").read_text())
    test = dataset.part(Part.TEST)
    answers = [_detections(*told["found"][Path(test.inputs.name(index)).stem]) for index in range(len(test))]
    numbers = ObjectDetection().measure(answers, test.targets, labels=test.labels, part="test")
    return {
        **{name: numbers.metrics[name] for name in ("mAP50", "mAP", "mAP75")},
        "interval": list(numbers.intervals["mAP50"]),
        "per_class": {row.label: row.average_precision_50 for row in numbers.per_class},
        "steps": told["steps"],
        "epochs": told["epochs"],
        "batch": told["batch"],
        "parameters": told["parameters"],
        "input": [size, size],
        "seconds": round(elapsed, 1),
        "ultralytics": VERSION,
        "machine": machine(),
    }


def main() -> None:
    """Add the cells that are missing, and print the table with ours."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dense_peer_ultralytics", description=__doc__)
    parser.add_argument("--venv", type=Path, required=True, help="its environment, outside the repository")
    parser.add_argument("--minutes", type=float, nargs="+", default=[30.0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--size", type=int, default=640, help="side of its inputs; its own default is 640")
    asked = parser.parse_args()
    python = interpreter(asked.venv.resolve(), f"ultralytics=={VERSION}", module="ultralytics")
    for minutes in asked.minutes:
        for seed in asked.seeds:
            name = f"{NETWORK} of Ultralytics from scratch, {minutes:g} minutes, seed {seed}, {asked.size} pixels"
            if name not in CELLS.read():
                CELLS.add(name, measured(python, minutes=minutes, seed=seed, size=asked.size))
    print(BENCHMARK.table())


def _size(picture: Path) -> tuple[int, int]:
    from PIL import Image

    with Image.open(picture) as opened:
        return opened.size


def _detections(xyxy: list[list[float]], labels: list[int], scores: list[float]) -> Any:
    import numpy as np

    from headstart.core.detections import Detections

    edges = np.array(xyxy, np.float32).reshape(-1, 4)
    return Detections(edges, np.array(labels, np.int32), np.array(scores, np.float32)).best(MOST)


if __name__ == "__main__":
    main()
