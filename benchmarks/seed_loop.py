"""The classic transfer-learning loop as it is usually written: frozen ResNet-50, new last layer, SGD, 10 epochs, fp32.

Run as `python -m benchmarks.seed_loop FOLDER`, with FOLDER an image folder of one sub-folder a class. The weights are
random: this is about speed, and no speed depends on their values. As in the original, nothing calls `eval()`.
"""

from __future__ import annotations

import sys

import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms


def main(folder: str) -> None:
    """Train the last layer for ten epochs on every picture of the folder."""
    preprocess = transforms.Compose(
        [
            transforms.Resize(256),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )
    images = datasets.ImageFolder(folder, preprocess)
    loader = DataLoader(images, batch_size=32, shuffle=True)
    model = models.resnet50(weights=None)
    for parameter in model.parameters():
        parameter.requires_grad = False
    model.fc = nn.Linear(model.fc.in_features, len(images.classes))
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.fc.parameters(), lr=0.001, momentum=0.9)
    for _ in range(10):
        for inputs, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), labels)
            loss.backward()
            optimizer.step()
    torch.save(model.fc.state_dict(), f"{folder}.head.pt")


if __name__ == "__main__":
    main(sys.argv[1])
