"""Small sets of pictures or texts by AutoGluon-MultiModal, from the same weights, in a given time.

The data of `auto_accuracy`, and those of `text_accuracy` (SST-2 with 500 texts, IMDb with 600). AutoGluon has an
environment of its own (`python -m benchmarks.peer_autogluon --venv FOLDER`), its own defaults and validation part,
and ends by itself before `--seconds` are over, or then. Cells are added to `results/peers.json`; `right` says which
items were right.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.auto_accuracy import DATA as PICTURES
from benchmarks.auto_accuracy import MODELS, SEEDS
from benchmarks.harness import machine, needs_shared
from benchmarks.peer_environment import interpreter, told
from benchmarks.peer_fastai import CELLS, table
from benchmarks.text_accuracy import DATA as TEXTS
from benchmarks.text_accuracy import drawn

VERSION = "1.6.3"
THEIRS = """
import json, sys, time
from pathlib import Path
import pandas as pd
import timm

asked = json.loads(sys.argv[1])
given = timm.create_model


def create_model(name, *arguments, pretrained=False, **settings):
    if name == asked["architecture"] and pretrained:
        settings = {**settings, **asked["settings"], "pretrained_cfg_overlay": {"file": asked["weights"]}}
    return given(name, *arguments, pretrained=pretrained, **settings)


timm.create_model = timm.models.create_model = create_model
from autogluon.multimodal import MultiModalPredictor

train, test = (pd.read_csv(asked[part], dtype=str) for part in ("train", "test"))
started = time.perf_counter()
predictor = MultiModalPredictor(
    label="label", eval_metric="accuracy", path=str(Path(asked["output"], "model")), verbosity=1
)
predictor.fit(
    train, time_limit=asked["seconds"], seed=asked["seed"], hyperparameters={"env.num_gpus": 0, **asked["parameters"]}
)
seconds = time.perf_counter() - started
right = (predictor.predict(test).astype(str) == test["label"]).tolist()
Path(asked["output"], "told.json").write_text(json.dumps({"right": right, "seconds": seconds}))
"""


def pictures(model: str, data: str, seed: int, folder: Path) -> dict[str, Any]:
    """Tables of paths and labels, and which network."""
    for part in ("train", "test"):
        found = sorted((PICTURES[data](seed) / part).rglob("*.*"))
        rows = [[str(path.resolve()), f"class {path.parent.name}"] for path in found]
        with (folder / f"{part}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["image", "label"], *rows])
    source = needs_shared("models", MODELS[model])
    facts = json.loads((source / "config.json").read_text())
    name = {"model.names": ["timm_image"], "model.timm_image.checkpoint_name": facts["architecture"]}
    return {
        "architecture": facts["architecture"],
        "settings": facts.get("model_args", {}),
        "weights": str(source / "model.safetensors"),
        "parameters": name,
    }


def texts(data: str, seed: int, folder: Path) -> dict[str, Any]:
    """The tables of `text_accuracy`, and which encoder."""
    from headstart.models.bundled_texts import text_starter_folder

    drawn(seed, folder, data)
    encoder = str(text_starter_folder("minilm-l6"))
    name = {"model.names": ["hf_text"], "model.hf_text.checkpoint_name": encoder}
    return {"architecture": "", "settings": {}, "weights": "", "parameters": name}


def measured(python: Path, model: str, data: str, seed: int, seconds: float) -> dict[str, Any]:
    """One fit, and which test items its model is right on."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        asked = texts(data, seed, folder) if data in TEXTS else pictures(model, data, seed, folder)
        files = {part: str(folder / f"{part}.csv") for part in ("train", "test")}
        found = told(python, THEIRS, {**asked, **files, "seed": seed, "seconds": seconds})
    return {
        "accuracy": sum(found["right"]) / len(found["right"]),
        "seconds": round(found["seconds"], 1),
        "limit": seconds,
        "right": "".join(str(int(right)) for right in found["right"]),
        "autogluon": VERSION,
        "machine": machine(),
    }


def main() -> None:
    """Add the cells that are missing, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peer_autogluon", description=__doc__)
    parser.add_argument("--venv", type=Path, required=True, help="its environment, outside the repository")
    parser.add_argument("--model", choices=[*MODELS], default="mobilenetv2", help="for pictures")
    parser.add_argument("--data", choices=[*PICTURES, *TEXTS], nargs="+", default=[*PICTURES, *TEXTS])
    parser.add_argument("--seed", type=int, choices=SEEDS, nargs="+", default=[0])
    parser.add_argument("--seconds", type=float, default=300.0)
    asked = parser.parse_args()
    python = interpreter(asked.venv.resolve(), f"autogluon.multimodal=={VERSION}", module="autogluon.multimodal")
    for seed in asked.seed:
        for data in asked.data:
            network = "minilm-l6" if data in TEXTS else asked.model
            name = f"autogluon {network} {data} {asked.seconds:g} s {seed}"
            if name not in CELLS.read():
                CELLS.add(name, measured(python, asked.model, data, seed, asked.seconds))
    print(table())


if __name__ == "__main__":
    main()
