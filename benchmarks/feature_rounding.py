"""What bfloat16 does to the features of frozen networks, and to a probe on them where labels are few.

Training pictures only: a probe is fitted on some a class and measured on the others, eight draws each, the same in both
precisions. `python -m benchmarks.feature_rounding` measures, on a processor that computes in bfloat16, what is not in
`results/feature_rounding.json` yet, and prints both tables; `--table` only prints them.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from benchmarks.cells import Cells
from benchmarks.draws import unpacked
from benchmarks.harness import RESULTS, WORK, machine, needs_shared
from benchmarks.selection_sources import BUNDLED, SHARED, located

CELLS = Cells(RESULTS / "feature_rounding.json")
MODELS = ("mobilenetv2_100.imagenet", "mobilenet_v1_0.75_224.imagenet")
DATA = ("flowers5", "cifar10", "usps", "mnist")
PER_CLASS, DRAWS, PICTURES = (10, 20, 50), 8, 1500
PRECISIONS = ("float32", "bfloat16")


def pictures(name: str) -> Path:
    """Training pictures in a folder a class."""
    if name == "flowers5":
        return needs_shared("data", "flowers5", "train")
    folder = WORK / "rounding" / name
    if not folder.exists():
        labels, encoded = unpacked(np.load(needs_shared("data", name, f"{name}.npz"), allow_pickle=False), "train")
        for index in np.random.default_rng(7).permutation(len(labels))[:PICTURES]:
            file = folder / str(labels[index]) / f"{index:06d}.{'jpg' if name == 'cifar10' else 'png'}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(encoded(int(index)))
    return folder


def features(model: str, data: str) -> dict[str, np.ndarray]:
    """(N, D) in both precisions, and the targets `y`; computed once."""
    from headstart import models
    from headstart.core.options import FitOptions
    from headstart.features.extract import extract
    from headstart.loading import load_data, split
    from headstart.planning import plan

    kept = WORK / "rounding" / f"{model}-{data}.npz"
    if not kept.exists():
        loaded, options = load_data(pictures(data)), FitOptions(model=located(model), strategy="linear-probe")
        dataset = split(loaded, options)
        facts, backbone = plan(dataset, options).input, models.load(located(model))
        found: dict[str, np.ndarray] = {"y": dataset.targets}
        for precision in PRECISIONS:
            with tempfile.TemporaryDirectory() as cache:
                os.environ["HEADSTART_CACHE"] = cache
                table = extract(dataset, backbone, input=facts, device="cpu", precision=precision)  # type: ignore[arg-type]
                found[precision] = np.asarray(table.rows(np.arange(len(table))))
        kept.parent.mkdir(exist_ok=True)
        np.savez(kept, **found)
    return dict(np.load(kept))


def probed(model: str, data: str, per_class: int) -> dict[str, Any]:
    """Accuracies (draws, precisions) on the pictures that a probe has not seen."""
    from sklearn.model_selection import StratifiedKFold

    from headstart.features.probe import ProbeSettings, fit_probe
    from headstart.features.table import ArrayFeatures

    found = features(model, data)
    targets, accuracies = found["y"], []
    for seed in range(DRAWS):
        order = np.random.default_rng(seed).permutation(len(targets))
        few = np.concatenate([order[targets[order] == label][:per_class] for label in np.unique(targets)])
        others, folds = np.setdiff1d(order, few), np.empty(len(few), np.int64)
        split = StratifiedKFold(5, shuffle=True, random_state=seed).split(few, targets[few])
        for number, (_, held_out) in enumerate(split):
            folds[held_out] = number
        pair = []
        for precision in PRECISIONS:
            rows = found[precision].astype(np.float32)
            probe = fit_probe(
                ArrayFeatures(rows), targets[few], indices=few, folds=folds, settings=ProbeSettings(), labels=None
            )
            said = (rows[others] @ probe.weight.T + probe.bias).argmax(1)
            pair.append(float((said == targets[others]).mean()))
        accuracies.append(pair)
    return {"accuracy": accuracies, "machine": machine()}


def moved(model: str) -> dict[str, Any]:
    """How far the features move, relative to their length: those of noise, and those of 16 small photos."""
    import torch

    from benchmarks.selection_sources import decoded
    from headstart import models
    from headstart.core.card import InputFacts
    from headstart.features.fast import plain_forward
    from headstart.features.rounding import rounding

    backbone = models.load(located(model)).eval()
    facts = backbone.card.input
    assert isinstance(facts, InputFacts)
    _, encoded = unpacked(np.load(needs_shared("data", "cifar10", "cifar10.npz"), allow_pickle=False), "train")
    photos = torch.from_numpy(np.stack([decoded(encoded(place)) for place in range(16)])).permute(0, 3, 1, 2) / 255
    enlarged = torch.nn.functional.interpolate(photos, size=facts.size, mode="bicubic")
    inputs = (enlarged - torch.tensor(facts.mean)[:, None, None]) / torch.tensor(facts.std)[:, None, None]
    exact, rounded = (plain_forward(backbone, device="cpu", precision=each)(inputs) for each in ("float32", "bfloat16"))  # type: ignore[arg-type]
    photo = float((rounded - exact).norm() / exact.norm())
    return {"noise": rounding(backbone, facts=facts, device="cpu"), "photos": photo, "machine": machine()}


def tables() -> str:
    """How far features move, and what that costs a probe, with 95 % intervals over draws."""
    cells = CELLS.read()
    lines = ["| network | noise | photos |", "|---|---|---|"]
    lines += [
        f"| {name} | {100 * cell['noise']:.1f} % | {100 * cell['photos']:.1f} % |"
        for name, cell in cells.items()
        if "noise" in cell
    ]
    lines += ["", "| network, data, a class | float32 | bfloat16 | difference |", "|---|---|---|---|"]
    means = []
    for name, cell in cells.items():
        if "accuracy" not in cell:
            continue
        pairs = 100 * np.array(cell["accuracy"])
        gains = pairs[:, 1] - pairs[:, 0]
        half = stats.sem(gains) * stats.t.ppf(0.975, len(gains) - 1)
        first, second = pairs.mean(axis=0)
        means.append(gains.mean())
        lines.append(f"| {name} | {first:.1f} % | {second:.1f} % | {gains.mean():+.2f} ± {half:.2f} |")
    return "\n".join([*lines, f"| mean of {len(means)} | | | {np.mean(means):+.2f} |"])


def main() -> None:
    """Measure what is missing, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.feature_rounding", description=__doc__)
    parser.add_argument("--table", action="store_true", help="only print the tables")
    if not parser.parse_args().table:
        for model in (*SHARED, BUNDLED):
            if model not in CELLS.read():
                CELLS.add(model, moved(model))
        for wanted in [(model, data, count) for model in MODELS for data in DATA for count in PER_CLASS]:
            name = ", ".join(map(str, wanted))
            if name not in CELLS.read():
                CELLS.add(name, probed(*wanted))
    print(tables())


if __name__ == "__main__":
    main()
