"""The classic loop as usually written, which never calls `eval()`, against the same loop with the backbone in `eval()`.

Accuracy on the test part of flowers5 with MobileNetV2 (ImageNet), three seeds: frozen backbone, new last layer, SGD
0.001 with momentum 0.9, cross-entropy, 10 epochs, batches of 32. Run as `python -m benchmarks.classic_loop`.
"""

from __future__ import annotations

import json
import statistics

import timm
import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder

from benchmarks.harness import RESULTS, needs_shared

SEEDS = (0, 1, 2)


def accuracy(model: nn.Module, loader: DataLoader[object]) -> float:
    """Fraction of right answers, in whatever mode the model is."""
    right = total = 0
    with torch.no_grad():
        for inputs, labels in loader:
            right += int((model(inputs).argmax(1) == labels).sum())
            total += len(labels)
    return right / total


def run(seed: int, *, evaluation_mode: bool) -> dict[str, float]:
    """Train once; accuracy with the model left as it is, and after `eval()`."""
    torch.manual_seed(seed)
    folder = needs_shared("models", "mobilenetv2_100.imagenet")
    model = timm.create_model(f"local-dir:{folder}", pretrained=True)
    for parameter in model.parameters():
        parameter.requires_grad = False
    model.classifier = nn.Linear(model.classifier.in_features, 5)
    model.train(not evaluation_mode)
    transform = timm.data.create_transform(**timm.data.resolve_model_data_config(model), is_training=False)
    train, test = (ImageFolder(needs_shared("data", "flowers5", part), transform) for part in ("train", "test"))
    loader = DataLoader(train, batch_size=32, shuffle=True)
    held_out = DataLoader(test, batch_size=32, shuffle=True)
    optimizer = optim.SGD(model.classifier.parameters(), lr=0.001, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    for _ in range(10):
        for inputs, labels in loader:
            optimizer.zero_grad()
            criterion(model(inputs), labels).backward()
            optimizer.step()
    as_left = accuracy(model, held_out)
    return {"as left": as_left, "after eval()": accuracy(model.eval(), held_out)}


def main() -> None:
    """Print and keep the mean and range over the seeds."""
    found: dict[str, list[float]] = {}
    for seed in SEEDS:
        for name, mode in (("never eval()", False), ("backbone in eval()", True)):
            for how, value in run(seed, evaluation_mode=mode).items():
                found.setdefault(f"{name}, tested {how}", []).append(value)
    for name, values in found.items():
        print(f"{name}: {statistics.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "classic_loop.detail.json").write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
