"""Small pretrained models made on the spot, in the forms that timm and transformers write and torchvision reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn

CLASSES = 5
LABELS = [f"kind {number}" for number in range(CLASSES)]

# Names of timm, small enough to be built in a blink. mobilenetv3's pooled width is not that of its last feature map.
TIMM = (
    "test_resnet",
    "test_vit",
    "test_convnext",
    "test_efficientnet",
    "test_byobnet",
    "test_nfnet",
    "mobilenetv3_small_050",
)

SMALL = {"image_size": 32, "num_labels": CLASSES}
TRANSFORMER = {**SMALL, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
SEEING = {key: value for key, value in TRANSFORMER.items() if key != "num_labels"} | {"patch_size": 8}
READING = {**SEEING, "num_hidden_layers": 1, "vocab_size": 50, "bos_token_id": 1, "eos_token_id": 2}
STAGES = {**SMALL, "hidden_sizes": [8, 16], "depths": [1, 2]}
TRANSFORMERS: dict[str, dict[str, Any]] = {
    "mobilenet_v1": {**SMALL, "depth_multiplier": 0.25, "classifier_dropout_prob": 0.999},
    "mobilenet_v2": {**SMALL, "depth_multiplier": 0.35},
    "resnet": {**STAGES, "embedding_size": 8},
    "regnet": {**STAGES, "embedding_size": 8, "groups_width": 8},
    "convnext": {**STAGES, "num_stages": 2},
    "convnextv2": {**STAGES, "num_stages": 2},
    "vit": {**TRANSFORMER, "patch_size": 8},
    "deit": {**TRANSFORMER, "patch_size": 8},
    "beit": {**TRANSFORMER, "patch_size": 8, "use_mean_pooling": True},
    "dinov2": {**TRANSFORMER, "patch_size": 8},
    "dinov2_with_registers": {**TRANSFORMER, "patch_size": 8},
    "clip": {"num_labels": CLASSES, "vision_config": SEEING, "text_config": READING},
    "siglip": {"num_labels": CLASSES, "vision_config": SEEING, "text_config": READING},
    "swinv2": {**SMALL, "patch_size": 2, "embed_dim": 8, "depths": [1, 2], "num_heads": [2, 2], "window_size": 4},
    "swin": {**SMALL, "patch_size": 2, "embed_dim": 8, "depths": [1, 2], "num_heads": [2, 2], "window_size": 4},
    "efficientnet": {**SMALL, "width_coefficient": 0.25, "depth_coefficient": 0.25, "hidden_dim": 320},
    "mobilevit": {
        **SMALL,
        "hidden_sizes": [16, 16, 16],
        "neck_hidden_sizes": [8, 8, 8, 8, 8, 8, 16],
        "num_attention_heads": 2,
    },
}

# What sees in them is the class of transformers that is named; the folder may hold what reads, too.
TOWERS = {
    "dinov3_vit": "DINOv3ViTModel",
    "dinov3_convnext": "DINOv3ConvNextModel",
    "siglip": "SiglipVisionModel",
    "siglip_vision_model": "SiglipVisionModel",
    "clip": "CLIPVisionModel",
    "clip_vision_model": "CLIPVisionModel",
}

# One of every family of torchvision whose smallest network takes seconds, not minutes.
TORCHVISION = (
    "densenet121",
    "efficientnet_b0",
    "googlenet",
    "mnasnet0_5",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "regnet_x_400mf",
    "resnet18",
    "shufflenet_v2_x0_5",
    "swin_t",
)

PROCESSOR = {
    "image_processor_type": "ViTImageProcessor",
    "do_resize": True,
    "size": {"height": 32, "width": 32},
    "resample": 3,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.4, 0.5, 0.6],
    "image_std": [0.2, 0.3, 0.4],
}


def settle(network: nn.Module, *, size: int, channels: int = 3) -> nn.Module:
    """Give the network weights that let its input through, and running statistics that fit them, as training would."""
    norms = [module for module in network.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    with torch.no_grad():
        network.train()(torch.randn(4, channels, size, size))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    return network.eval()


def timm_folder(folder: Path, name: str, *, model_args: dict[str, Any] | None = None, **config: Any) -> Path:
    """A folder in timm's `local-dir:` form; `config` goes into the pretrained config."""
    import timm

    torch.manual_seed(0)
    arguments = model_args or {}
    network = timm.create_model(name, num_classes=CLASSES, **arguments)
    settle(network, size=network.pretrained_cfg["input_size"][-1], channels=arguments.get("in_chans", 3))
    folder.mkdir(parents=True, exist_ok=True)
    save_file(network.state_dict(), folder / "model.safetensors")
    own = network.pretrained_cfg
    kept = {key: own[key] for key in ("input_size", "mean", "std", "first_conv", "classifier", "crop_pct", "crop_mode")}
    kept |= {"interpolation": own["interpolation"], "fixed_input_size": own.get("fixed_input_size", False)}
    description = {
        "architecture": name,
        "num_classes": CLASSES,
        "model_args": arguments,
        "pretrained_cfg": {**kept, "num_classes": CLASSES, "license": "mit", "description": "Kinds", **config},
        "label_names": LABELS,
    }
    write_json(folder / "config.json", description)
    return folder


def transformers_folder(folder: Path, kind: str, *, head: bool = True, **changes: Any) -> Path:
    """A folder as transformers saves an image classifier, or, without `head`, only what lies below it."""
    from transformers import CONFIG_MAPPING, AutoModel, AutoModelForImageClassification

    torch.manual_seed(0)
    config = CONFIG_MAPPING[kind](**{**TRANSFORMERS[kind], **changes})
    config.id2label = dict(enumerate(LABELS))
    if kind == "deit":
        config.architectures = ["DeiTForImageClassification"]  # transformers knows two and does not choose
    network = (AutoModelForImageClassification if head else AutoModel).from_config(config)
    settle(network, size=32)
    network.save_pretrained(folder)
    return _described(folder)


def tower_folder(folder: Path, kind: str) -> Path:
    """A folder as transformers saves an image network without a classifier, alone or with one that reads."""
    from transformers import CONFIG_MAPPING, AutoModel

    torch.manual_seed(0)
    whole = {"vision_config": SEEING, "text_config": READING}
    stages = {"image_size": 32, "hidden_sizes": [8, 16, 16, 16], "depths": [1, 1, 1, 1]}
    settings = whole if kind in ("siglip", "clip") else stages if kind == "dinov3_convnext" else SEEING
    AutoModel.from_config(CONFIG_MAPPING[kind](**settings)).save_pretrained(folder)
    return _described(folder)


def _described(folder: Path) -> Path:
    write_json(folder / "preprocessor_config.json", PROCESSOR)
    (folder / "README.md").write_text("---\nlicense: mit\ndatasets:\n- imagenet-1k\n---\n# Kinds\n", encoding="utf-8")
    return folder


def torchvision_network(name: str, **arguments: Any) -> nn.Module:
    """A network of torchvision as the library makes it, settled for pictures of 64 pixels."""
    from torchvision.models import get_model, list_models, segmentation

    torch.manual_seed(0)
    if name == "googlenet":
        arguments |= {"transform_input": True, "aux_logits": False, "init_weights": True}
    if name in list_models(module=segmentation):
        arguments |= {"weights_backbone": None}
    network = get_model(name, weights=None, num_classes=CLASSES, **arguments)
    return settle(network, size=64)


def torchvision_folder(folder: Path, name: str) -> Path:
    """A folder with a state dict of torchvision, a README that says so, and how pictures are prepared."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(torchvision_network(name).state_dict(), folder / "model.safetensors")
    said = {"resize_shorter_side": 72, "center_crop": 64, "mean": [0.4, 0.5, 0.6], "std": [0.2, 0.3, 0.4]}
    write_json(folder / "preprocess.json", {**said, "labels": LABELS, "transform_input": True})
    text = f"---\nlicense: mit\n---\n- architecture: torchvision `{name}`\n- source data: ImageNet-1k\n"
    (folder / "README.md").write_text(text, encoding="utf-8")
    return folder


def write_json(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content), encoding="utf-8")


def change_json(file: Path, **changes: Any) -> None:
    write_json(file, {**json.loads(file.read_text(encoding="utf-8")), **changes})


def into_cache(cache: Path, repository: str, folder: Path, *, commit: str = "c0ffee" + "0" * 34) -> Path:
    """Lay a folder into a hub cache as a snapshot of the default branch."""
    home = cache / f"models--{repository.replace('/', '--')}"
    (home / "refs").mkdir(parents=True, exist_ok=True)
    (home / "refs" / "main").write_text(commit, encoding="utf-8")
    snapshot = home / "snapshots" / commit
    snapshot.mkdir(parents=True)
    for file in folder.iterdir():
        (snapshot / file.name).write_bytes(file.read_bytes())
    return snapshot
