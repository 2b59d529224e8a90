"""Small sets of pictures by `fine_tune` of fastai, from the same weights: accuracy on the test part after each epoch.

The data of `auto_accuracy`. fastai has an environment of its own (`python -m benchmarks.peer_fastai --venv FOLDER`),
its own defaults (rates, schedule, augmentation) and ten epochs after the frozen one; batches of 32, as with its 64
two hundred pictures would make three steps an epoch. A fifth of the training pictures is its validation part. Looking
at the test part is not in its seconds. MobileNetV1 keeps the padding that its weights were trained with, by
`transformers`, which its environment then needs too. Cells are added to `results/peers.json`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from benchmarks.auto_accuracy import DATA, MODELS, NEVER_MIRRORED, SEEDS
from benchmarks.cells import Cells
from benchmarks.harness import RESULTS, machine, needs_shared
from benchmarks.peer_environment import interpreter, told

CELLS = Cells(RESULTS / "peers.json")
VERSION = "2.8.12"
EPOCHS, BATCH = 10, 32
THEIRS = """
import json, sys, time
from pathlib import Path
import torch
from torch import nn
from fastai.vision.all import *

asked = json.loads(sys.argv[1])
set_seed(asked["seed"], reproducible=True)
folder = Path(asked["model"])
facts = json.loads((folder / "config.json").read_text())


class LastMap(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, pictures):
        return self.network(pictures).last_hidden_state


if "architecture" in facts:
    import timm

    known = facts["pretrained_cfg"]
    size, mean, std = known["input_size"][-1], known["mean"], known["std"]

    def architecture(pretrained):
        overlay = {"file": str(folder / "model.safetensors")}
        settings = facts.get("model_args", {})
        return timm.create_model(facts["architecture"], pretrained=True, pretrained_cfg_overlay=overlay, **settings)
else:
    from transformers import AutoModel

    known = json.loads((folder / "preprocessor_config.json").read_text())
    size, mean, std = known["crop_size"]["height"], known["image_mean"], known["image_std"]

    def architecture(pretrained):
        return nn.Sequential(LastMap(AutoModel.from_pretrained(folder)), nn.AdaptiveAvgPool2d(1))


class Curve(Callback):
    def before_fit(self):
        self.resumed = getattr(self, "resumed", None) or begun

    def after_epoch(self):
        spent.append(time.perf_counter() - self.resumed)
        curve.append([sum(spent), tested(self.learn)])
        self.resumed = time.perf_counter()


def tested(learner):
    learner.model.eval()
    with torch.no_grad():
        right = [(learner.model(x).argmax(1) == y).float() for x, y in test]
    return float(torch.cat(right).mean())


begun, spent, curve = time.perf_counter(), [], []
data = ImageDataLoaders.from_folder(
    Path(asked["data"], "train"), valid_pct=0.2, seed=asked["seed"], bs=asked["batch"],
    item_tfms=Resize(size),
    batch_tfms=[*aug_transforms(do_flip=asked["flip"]), Normalize.from_stats(mean, std)],
)
test = data.test_dl(get_image_files(Path(asked["data"], "test")), with_labels=True)
learner = vision_learner(data, architecture, pretrained=True, metrics=accuracy, normalize=False, cbs=Curve())
with learner.no_bar(), learner.no_logging():
    learner.fine_tune(asked["epochs"])
Path(asked["output"], "told.json").write_text(json.dumps({"curve": curve}))
"""


def measured(python: Path, model: str, data: str, seed: int) -> dict[str, Any]:
    """One `fine_tune`, as a curve of seconds and accuracy."""
    asked = {
        "model": str(needs_shared("models", MODELS[model])),
        "data": str(DATA[data](seed).resolve()),
        "seed": seed,
        "epochs": EPOCHS,
        "batch": BATCH,
        "flip": data not in NEVER_MIRRORED,
    }
    found = told(python, THEIRS, asked)
    curve = [[round(seconds, 1), accuracy] for seconds, accuracy in found["curve"]]
    seconds, accuracy = curve[-1]
    return {"accuracy": accuracy, "seconds": seconds, "curve": curve, "fastai": VERSION, "machine": machine()}


def table() -> str:
    """A line a cell of this peer or another: the last accuracy, the best on the way, and when."""
    lines = ["| peer | seconds | accuracy | best on the way | after |", "|---|---|---|---|---|"]
    for name, cell in CELLS.read().items():
        seconds, best = max(cell.get("curve", [[cell["seconds"], cell["accuracy"]]]), key=lambda point: point[1])
        reached = f"{100 * cell['accuracy']:.1f} % | {100 * best:.1f} % | {seconds:.0f} s"
        lines.append(f"| {name} | {cell['seconds']:.0f} | {reached} |")
    return "\n".join(lines)


def main() -> None:
    """Add the cells that are missing, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peer_fastai", description=__doc__)
    parser.add_argument("--venv", type=Path, required=True, help="its environment, outside the repository")
    parser.add_argument("--model", choices=[*MODELS], default="mobilenetv2")
    parser.add_argument("--data", choices=[*DATA], nargs="+", default=[*DATA])
    parser.add_argument("--seed", type=int, choices=SEEDS, nargs="+", default=[0])
    asked = parser.parse_args()
    python = interpreter(asked.venv.resolve(), f"fastai=={VERSION}", module="fastai")
    for seed in asked.seed:
        for data in asked.data:
            name = f"fastai {asked.model} {data} {seed}"
            if name not in CELLS.read():
                CELLS.add(name, measured(python, asked.model, data, seed))
    print(table())


if __name__ == "__main__":
    main()
