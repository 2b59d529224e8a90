"""The plain side of `dense_speed`: the same network in a loop in float32, fed by a DataLoader, as in torchvision."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import tv_tensors
from torchvision.io import ImageReadMode, decode_image
from torchvision.transforms import v2

from headstart.core.dataset import Dataset
from headstart.core.targets import IGNORED, Boxes
from headstart.models import load
from headstart.tasks import TASKS
from headstart.tasks.box_assignment import BoxTarget
from headstart.tasks.task import Model

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Pictures(torch.utils.data.Dataset[Any]):
    """Picture files with boxes or masks in their original pixels, read and changed anew whenever they are asked for."""

    def __init__(self, dataset: Dataset, transform: v2.Transform) -> None:
        self.dataset, self.transform = dataset, transform

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, Any]:
        stamp, target = self.dataset.inputs.stamp(index), self.dataset.targets[index]
        assert stamp is not None, "pictures are files"
        picture = tv_tensors.Image(decode_image(stamp.path, ImageReadMode.RGB))
        if not isinstance(target, Boxes):
            pixels = torch.from_numpy(target.pixels().astype("int64"))
            changed, mask = self.transform(picture, tv_tensors.Mask(pixels))
            return changed, mask.as_subclass(torch.Tensor)
        boxes = tv_tensors.BoundingBoxes(target.xyxy, format="XYXY", canvas_size=picture.shape[-2:])  # type: ignore[call-arg]
        changed, found = self.transform(picture, {"boxes": boxes, "labels": torch.from_numpy(target.labels).long()})
        edges, labels = found["boxes"].as_subclass(torch.Tensor).float(), found["labels"]
        return changed, BoxTarget(edges, labels, torch.zeros(len(labels), dtype=torch.bool))


def transform_of(size: tuple[int, int], *, scales: tuple[float, float], jitter: float, boxes: bool) -> v2.Transform:
    """Scaled and cut to `size` (height, width), mirrored, recoloured by `jitter`, normalised."""
    fill: dict[Any, Any] = {tv_tensors.Image: [round(255 * one) for one in MEAN], tv_tensors.Mask: IGNORED}
    steps: list[nn.Module] = [
        v2.ScaleJitter(target_size=size, scale_range=scales),
        v2.RandomCrop(size, pad_if_needed=True, fill={**fill, "others": 0}),
        v2.RandomHorizontalFlip(),
    ]
    steps += [v2.ColorJitter(jitter, jitter, jitter)] if jitter else []
    steps += [v2.SanitizeBoundingBoxes()] if boxes else []
    return v2.Compose(
        [*steps, v2.ToDtype({tv_tensors.Image: torch.float32, "others": None}, scale=True), v2.Normalize(MEAN, STD)]
    )


def collate(items: Sequence[tuple[torch.Tensor, Any]]) -> tuple[torch.Tensor, tuple[Any, ...]]:
    """A batch of pictures, and their targets one by one."""
    pictures, targets = zip(*items, strict=True)
    return torch.stack(pictures).as_subclass(torch.Tensor), targets


def plain_epoch(dataset: Dataset, model: Path, *, transform: v2.Transform, batch: int, processes: int) -> float:
    """Seconds of one epoch of the loop as it is usually written; what comes before the first batch does not count."""
    task = TASKS[dataset.task](multi_label=False)
    backbone = load(str(model))
    network = Model(backbone, task.head(backbone, len(dataset.labels))).train()
    for module in backbone.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
    optimizer = optim.AdamW(network.parameters(), lr=1e-4)
    loader = DataLoader(
        Pictures(dataset, transform), batch_size=batch, shuffle=True, num_workers=processes, collate_fn=collate
    )
    with torch.no_grad():
        network(torch.zeros(2, 3, 64, 64))
    started = time.perf_counter()
    for inputs, targets in loader:
        optimizer.zero_grad()
        task.loss(network(inputs), targets).backward()
        optimizer.step()
    return time.perf_counter() - started
