"""Detectors small enough to be taught in a moment, and pictures for them: a box of one of two colours in each."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models.detection import FCOS, FasterRCNN, RetinaNet
from torchvision.models.detection.anchor_utils import AnchorGenerator, DefaultBoxGenerator
from torchvision.models.detection.ssd import SSD
from torchvision.ops import MultiScaleRoIAlign

from headstart.models.backbone import Features
from headstart.models.networks.detector import DetectorHead
from headstart.tasks.box_assignment import BoxTarget
from headstart.tasks.object_detection import ObjectDetection
from tests.tasks.detectors import viewed

SIDE, CHANNELS, STRIDES = 64, 32, (8, 16)


class Levels(nn.Module):
    """Two maps of strides 8 and 16, as torchvision's detectors want them."""

    out_channels: Any = CHANNELS

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Conv2d(3, CHANNELS, stride, stride), nn.ReLU()) for stride in STRIDES
        )

    def forward(self, inputs: Tensor) -> dict[str, Tensor]:
        """The maps by their place."""
        return OrderedDict((str(place), layer(inputs)) for place, layer in enumerate(self.layers))


class WithCoarsest(Levels):
    """One map more, as the pyramids of detectors of two stages have it."""

    def forward(self, inputs: Tensor) -> dict[str, Tensor]:
        """The maps by their names."""
        maps = super().forward(inputs)
        return OrderedDict(**maps, pool=nn.functional.max_pool2d(maps["1"], 1, 2))


def small_detector(kind: str, *, classes: int) -> nn.Module:
    """A detector of torchvision on two maps; the classes are those that the library counts."""
    torch.manual_seed(0)
    backbone = Levels()
    if kind == "fcos":
        generator = AnchorGenerator(((8,), (16,)), ((1.0,),) * 2)
        network: nn.Module = FCOS(backbone, classes, anchor_generator=generator)
    elif kind == "retinanet":
        generator = AnchorGenerator(((16, 24), (32, 48)), ((1.0,),) * 2)
        network = RetinaNet(backbone, classes, anchor_generator=generator)
        for name, layer in network.head.named_modules():
            if isinstance(layer, nn.Conv2d) and ".conv." in name:
                nn.init.kaiming_normal_(layer.weight)  # the library's own takes tens of thousands of steps to grow
    elif kind == "faster_rcnn":
        generator = AnchorGenerator(((16,), (24,), (48,)), ((1.0,),) * 3)
        pool = MultiScaleRoIAlign(["0", "1"], output_size=5, sampling_ratio=2)
        few = {"box_batch_size_per_image": 64, "rpn_post_nms_top_n_train": 100, "rpn_post_nms_top_n_test": 100}
        network = FasterRCNN(WithCoarsest(), classes, rpn_anchor_generator=generator, box_roi_pool=pool, **few)
    else:
        backbone.out_channels = [CHANNELS] * 2
        defaults = DefaultBoxGenerator([[], []], scales=[0.3, 0.5, 0.8])
        network = SSD(backbone, defaults, (SIDE, SIDE), classes)
    return network


def pictures(count: int = 8) -> tuple[Tensor, list[BoxTarget]]:
    """Dark pictures with a red or a blue square each, some with both."""
    generator = torch.Generator().manual_seed(0)
    inputs, targets = torch.zeros(count, 3, SIDE, SIDE), []
    for place in range(count):
        boxes, labels = [], []
        for label in ((0,), (1,), (0, 1))[place % 3]:
            side = int(torch.randint(18, 26, (), generator=generator))
            left = 2 + 30 * label + int(torch.randint(0, 6, (), generator=generator))
            top = int(torch.randint(2, 36, (), generator=generator))
            inputs[place, 2 * label, top : top + side, left : left + side] = 2.0
            boxes.append([left, top, left + side, top + side])
            labels.append(label)
        edges = torch.tensor(boxes, dtype=torch.float32)
        targets.append(BoxTarget(edges, torch.tensor(labels), torch.zeros(len(labels), dtype=torch.bool)))
    return inputs, targets


def learnt(
    body: nn.Module, head: DetectorHead, maps: Callable[[Tensor], Iterable[Tensor]], *, steps: int, rate: float
) -> tuple[Any, Any]:
    """What a detector answers on pictures that it was taught, and their targets."""
    inputs, targets = pictures()
    task, whole = ObjectDetection(), nn.ModuleList([body, head])
    optimizer = torch.optim.AdamW(whole.parameters(), lr=rate)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - step / steps)
        optimizer.zero_grad()
        task.loss(head(Features(maps=tuple(maps(inputs)))), targets).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(whole.parameters(), 1.0)
        optimizer.step()
    whole.eval()
    with torch.no_grad():
        outputs = head(Features(maps=tuple(maps(inputs))))
    return task.decode(outputs, [viewed(SIDE, SIDE) for _ in inputs]), targets


def fresh_after_taking(before: DetectorHead, after: DetectorHead) -> set[str]:
    """What of a head for other classes does not come from the one before: exactly what has another shape."""
    for value in before.parameters():
        nn.init.normal_(value)
    after.take(before.class_free())
    theirs, ours = before.state_dict(), after.state_dict()
    fresh = {name for name in ours if after.names_classes(name)}
    assert fresh == {name for name in ours if theirs[name].shape != ours[name].shape}
    assert all(torch.equal(ours[name], theirs[name]) for name in ours.keys() - fresh)
    return fresh


def share_found(answers: Any, targets: Any) -> float:
    """Of all objects the share whose class has a box with three quarters in common among the best of their picture."""
    from torchvision.ops import box_iou

    hits = total = 0
    for answer, target in zip(answers, targets, strict=True):
        for box, label in zip(target.xyxy, target.labels, strict=True):
            best = torch.from_numpy(answer.xyxy[: len(target.labels)])
            common = box_iou(best, box[None])[:, 0] if len(best) else torch.zeros(0)
            same = torch.from_numpy(answer.labels[: len(target.labels)] == int(label))
            hits += bool((same & (common > 0.75)).any())
            total += 1
    return hits / total


# Not narrower: oneDNN writes beyond its memory in the gradient of a strided 1 x 1 convolution of 8 channels (torch
# 2.14.1, processors with AVX-512, channels last), and the process dies.
SMALL_BACKBONE = {
    "model_type": "resnet",
    "embedding_size": 16,
    "hidden_sizes": [16, 16, 16, 16],
    "depths": [1, 1, 1, 1],
    "layer_type": "basic",
}
ATTENTION = {"encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32}
DETR = {
    **ATTENTION,
    "d_model": 32,
    "encoder_layers": 1,
    "decoder_layers": 2,
    "num_queries": 12,
    "auxiliary_loss": True,
    "dropout": 0.0,
}
CHOOSING = {
    **ATTENTION,
    "d_model": 32,
    "encoder_hidden_dim": 32,
    "encoder_in_channels": [16, 16, 16],
    "feat_strides": [8, 16, 32],
    "decoder_in_channels": [32, 32, 32],
    "decoder_layers": 2,
    "num_queries": 12,
    "num_denoising": 4,
    "anchor_image_size": [64, 64],
}
TRANSFORMERS = {
    "detr": DETR,
    "conditional_detr": DETR,
    "deformable_detr": {**DETR, "num_feature_levels": 2, "encoder_n_points": 2, "decoder_n_points": 2},
    "rt_detr": CHOOSING,
    "rt_detr_v2": CHOOSING,
    "d_fine": {**CHOOSING, "decoder_n_points": [2, 2, 2]},
}


def transformers_detector_folder(folder: Path, kind: str, *, labels: int = 5, **changes: Any) -> Path:
    """A folder as transformers saves a detector, with random weights."""
    from transformers import CONFIG_MAPPING, AutoModelForObjectDetection

    torch.manual_seed(0)
    stages = [4] if TRANSFORMERS[kind] is DETR else [3, 4] if kind == "deformable_detr" else [2, 3, 4]
    backbone = CONFIG_MAPPING["resnet"](**SMALL_BACKBONE, out_indices=stages)
    config = CONFIG_MAPPING[kind](**{**TRANSFORMERS[kind], **changes}, backbone_config=backbone, num_labels=labels)
    AutoModelForObjectDetection.from_config(config).save_pretrained(folder)
    return folder
