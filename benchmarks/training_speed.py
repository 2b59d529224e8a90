"""Full fine-tuning of a ResNet-50 on photos in files: pictures a second, against a plain loop in float32.

Both read, crop, flip and normalise the same photos at 224 pixels, and train all layers by AdamW in batches of 32; ours
as `--strategy full` does it, whose batch norms keep their statistics. An epoch of ours is the difference between fits
of two epochs and of one, so that start and save do not count; the checkpoint of the epoch does.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from pathlib import Path

import torch

from benchmarks.harness import Row, ratio, seconds
from benchmarks.materials import photo_folder, resnet50_folder

PHOTOS = 240
TURNS = 3
BATCH = 32


def epoch_of_ours(photos: Path) -> float:
    """Seconds of one epoch."""
    import headstart as hs
    from headstart.core.options import StrategyOptions

    def fit(epochs: int) -> None:
        settings = StrategyOptions(epochs=epochs, batch_size=BATCH, augmentation="crop")
        with tempfile.TemporaryDirectory() as place:
            os.environ["HEADSTART_CACHE"] = f"{place}/cache"
            options = hs.FitOptions(
                model=str(resnet50_folder()), strategy="full", validation=0.0, test=0.0, settings=settings
            )
            hs.fit(photos, output=Path(place) / "run", options=options)

    return seconds(lambda: fit(2)) - seconds(lambda: fit(1))


def epoch_of_theirs(photos: Path) -> float:
    """Seconds of one epoch of the loop as it is usually written."""
    import timm
    from torch import nn, optim
    from torch.utils.data import DataLoader
    from torchvision import transforms
    from torchvision.datasets import ImageFolder

    crop = [transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), transforms.ToTensor()]
    normal = transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    loader = DataLoader(ImageFolder(photos, transforms.Compose([*crop, normal])), batch_size=BATCH, shuffle=True)
    model = timm.create_model("resnet50", pretrained=False, num_classes=5).train()
    optimizer, criterion = optim.AdamW(model.parameters(), lr=1e-4), nn.CrossEntropyLoss()

    def epoch() -> None:
        for inputs, labels in loader:
            optimizer.zero_grad()
            criterion(model(inputs), labels).backward()
            optimizer.step()

    model(torch.zeros(2, 3, 224, 224))
    return seconds(epoch)


def main() -> None:
    """In turns, each turn with networks of its own."""
    photos = photo_folder(PHOTOS)
    ours, theirs = [], []
    for _ in range(TURNS):
        ours.append(epoch_of_ours(photos))
        theirs.append(epoch_of_theirs(photos))
    measured, spread = ratio(ours, theirs)
    Row(
        name="training_speed",
        work="full fine-tuning, ResNet-50 at 224, photos in files, batches of 32",
        against="a plain loop in float32, the same photos, crops and optimiser",
        at_least="3.5x with bf16 hardware, 1.3x without",
        ratio=measured,
        spread=spread,
        ours=f"{PHOTOS / statistics.median(ours):.1f} pictures/s",
        theirs=f"{PHOTOS / statistics.median(theirs):.1f} pictures/s",
        note=f"{TURNS} turns of {PHOTOS} photos",
        details={"ours": ours, "theirs": theirs},
    ).save()


if __name__ == "__main__":
    main()
