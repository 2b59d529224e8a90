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
from torch.utils.data import DataLoader, Dataset, TensorDataset
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


def pictures(part: str) -> ImageFolder:
    """A part of flowers5, prepared as the network wants it."""
    config = timm.data.resolve_model_data_config(network())
    transform = timm.data.create_transform(**config, is_training=False)
    return ImageFolder(needs_shared("data", "flowers5", part), transform)


def network() -> nn.Module:
    """The pretrained network, frozen."""
    model = timm.create_model(f"local-dir:{needs_shared('models', 'mobilenetv2_100.imagenet')}", pretrained=True)
    return model.requires_grad_(False)


@torch.no_grad()
def features(part: str) -> TensorDataset:
    """What the frozen body in `eval()` makes of every picture: the same in every epoch, so it is computed once."""
    body = network().eval()
    body.reset_classifier(0)
    made = [(body(inputs), labels) for inputs, labels in DataLoader(pictures(part), batch_size=32)]
    return TensorDataset(*(torch.cat(column) for column in zip(*made, strict=True)))


def fit(model: nn.Module, head: nn.Linear, train: Dataset[object]) -> None:
    """The loop: SGD 0.001, momentum 0.9, cross-entropy, 10 epochs, batches of 32."""
    optimizer = optim.SGD(head.parameters(), lr=0.001, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    for _ in range(10):
        for inputs, labels in DataLoader(train, batch_size=32, shuffle=True):
            optimizer.zero_grad()
            criterion(model(inputs), labels).backward()
            optimizer.step()


def as_written(seed: int) -> dict[str, float]:
    """The loop that never calls `eval()`: batch norm counts with each batch's statistics and moves its own."""
    torch.manual_seed(seed)
    model = network()
    model.classifier = head = nn.Linear(model.classifier.in_features, 5)
    model.train()
    fit(model, head, pictures("train"))
    held_out = DataLoader(pictures("test"), batch_size=32, shuffle=True)
    as_left = accuracy(model, held_out)
    return {
        "never eval(), tested as left": as_left,
        "never eval(), tested after eval()": accuracy(model.eval(), held_out),
    }


def in_evaluation_mode(seed: int, train: TensorDataset, test: TensorDataset) -> dict[str, float]:
    """The same loop with the backbone in `eval()`, on features that are therefore always the same."""
    torch.manual_seed(seed)
    head = nn.Linear(train.tensors[0].shape[1], 5)
    fit(head, head, train)
    return {"backbone in eval()": accuracy(head, DataLoader(test, batch_size=32))}


def main() -> None:
    """Print and keep the mean and range over the seeds."""
    train, test = features("train"), features("test")
    found: dict[str, list[float]] = {}
    for seed in SEEDS:
        for name, value in (in_evaluation_mode(seed, train, test) | as_written(seed)).items():
            found.setdefault(name, []).append(value)
            print(f"seed {seed}, {name}: {value:.3f}", flush=True)
    for name, values in found.items():
        print(f"{name}: {statistics.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "classic_loop.detail.json").write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
