"""What a model is fed is what its library would feed it, and the same weights say the same through two libraries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn

from headstart import models
from headstart.core.card import InputFacts
from headstart.data.decode import load_pixels
from headstart.features.pictures import PicturePreparation
from headstart.models.backbone import Backbone
from headstart.models.cards.processor_facts import facts_of
from tests.conftest import SHARED
from tests.models.samples import CLASSES, torchvision_network, write_json

PHOTOS = 20
LEVEL = 1 / 255
"""One of the 256 levels of a pixel, before pictures are normalised."""
Theirs = Callable[[Image.Image], Tensor]

RESIZED = {"do_resize": True, "do_rescale": True, "rescale_factor": LEVEL, "do_normalize": True}
USUAL = {**RESIZED, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
HALVES = {**RESIZED, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
SQUARE = {"height": 224, "width": 224}
CROPPED = {"size": {"shortest_edge": 256}, "do_center_crop": True, "crop_size": SQUARE}
PROCESSORS: dict[str, tuple[str, dict[str, Any]]] = {
    "ResNet": ("ConvNextImageProcessor", {**USUAL, "size": {"shortest_edge": 224}, "crop_pct": 0.875, "resample": 3}),
    "ConvNeXt 384": ("ConvNextImageProcessor", {**USUAL, "size": {"shortest_edge": 384}, "resample": 3}),
    "ViT": ("ViTImageProcessor", {**HALVES, "size": SQUARE, "resample": 2}),
    "Swin": ("ViTImageProcessor", {**USUAL, "size": SQUARE, "resample": 3}),
    "DINOv2": ("BitImageProcessor", {**USUAL, **CROPPED, "resample": 3}),
    "DINOv3": ("DINOv3ViTImageProcessor", {**USUAL, "size": SQUARE, "resample": 2}),
    "SigLIP": ("SiglipImageProcessor", {**HALVES, "size": SQUARE, "resample": 3}),
    "CLIP": ("CLIPImageProcessor", {**USUAL, **CROPPED, "size": {"shortest_edge": 224}, "resample": 3}),
    "MobileNetV2": ("MobileNetV2ImageProcessor", {**HALVES, **CROPPED, "resample": 2}),
}
"""As the published models of each kind have them."""


@dataclass(frozen=True)
class Difference:
    """Between our pixels and a library's, in levels of 256."""

    most: float
    mean: float


@pytest.fixture(scope="module")
def photos() -> list[bytes]:
    folder = SHARED / "data" / "hymenoptera" / "val"
    if not folder.is_dir():
        pytest.skip("needs the real data sets of ../shared/data, which are not here")
    found = [file.read_bytes() for file in sorted(folder.rglob("*.jpg"))]
    return [photo for photo in found if evenly_cropped(photo)][::2][:PHOTOS]


def evenly_cropped(photo: bytes) -> bool:
    """Whether a centre crop of 224 begins at a whole pixel.

    Half a pixel is cut off by transformers and rounded by the two others, and here: then the crop lies a pixel beside.
    """
    with Image.open(BytesIO(photo)) as picture:
        width, height = picture.size
    ratio = max(width, height) / min(width, height)
    return all(int(side * ratio) % 2 == 0 for side in (224, 256))


def differences(photos: list[bytes], facts: object, theirs: Theirs) -> tuple[Difference, Difference]:
    """Where every step is taken as it is written down, and where a network is fed: in one step, which is faster."""
    assert isinstance(facts, InputFacts)
    mean, std = (torch.tensor(values).reshape(-1, 1, 1) for values in (facts.mean, facts.std))
    found: dict[bool, list[Tensor]] = {False: [], True: []}
    for photo in photos:
        normalised = theirs(Image.open(BytesIO(photo)).convert("RGB"))
        expected = (normalised * std + mean) / LEVEL
        for draft, rows in found.items():
            ours = torch.tensor(load_pixels(photo, facts, draft=draft)).permute(2, 0, 1)
            assert ours.shape == expected.shape
            rows.append((ours - expected).abs())
    exact, fed = (torch.cat([row.flatten() for row in rows]) for rows in found.values())
    return Difference(float(exact.max()), float(exact.mean())), Difference(float(fed.max()), float(fed.mean()))


def agree(found: tuple[Difference, Difference], *, most: float, mean: float = 0.1) -> None:
    """At most so many levels step by step; what is fed differs more where a filter overshoots, in a few pixels."""
    exact, fed = found
    assert exact.most <= most + 1e-3
    assert exact.mean < mean
    assert fed.most <= 20
    assert fed.mean < mean + 0.01


@pytest.mark.parametrize("name", ["mobilenetv3_small_050.lamb_in1k", "convnext_tiny.in12k_ft_in1k"])
def test_pictures_of_timm(name: str, photos: list[bytes]) -> None:
    from timm.data import create_transform, resolve_data_config
    from timm.models import get_pretrained_cfg

    config = resolve_data_config({}, pretrained_cfg=get_pretrained_cfg(name).to_dict())
    facts = models.card(f"timm/{name}", pretrained=False).input
    agree(differences(photos, facts, create_transform(**config, is_training=False)), most=0)


@pytest.mark.parametrize(("name", "most"), [("resnet50:IMAGENET1K_V2", 2), ("swin_t:IMAGENET1K_V1", 0)])
def test_pictures_of_torchvision(name: str, most: int, photos: list[bytes]) -> None:
    from torchvision.models import get_model_weights

    architecture, _, weights = name.partition(":")
    facts = models.card(f"torchvision/{name}", pretrained=False).input
    agree(differences(photos, facts, get_model_weights(architecture)[weights].transforms()), most=most)


@pytest.mark.parametrize("kind", PROCESSORS)
def test_pictures_of_transformers(kind: str, photos: list[bytes]) -> None:
    """Nothing differs where the library prepares pictures with Pillow, but where a crop would begin at half a pixel.

    DINOv3's are resized in floating point, by torchvision: ours are rounded to whole levels.
    """
    import transformers

    name, settings = PROCESSORS[kind]
    facts = facts_of(getattr(transformers, name)(**settings).to_dict(), channels=3, fixed=False, own_size=(224, 224))
    rounded = kind == "DINOv3"
    processor = getattr(transformers, name if rounded else f"{name}Pil")(**settings)

    def theirs(picture: Image.Image) -> Tensor:
        found: Tensor = processor(picture, return_tensors="pt")["pixel_values"][0]
        return found

    agree(differences(photos, facts, theirs), most=1 if rounded else 0, mean=0.5 if rounded else 0.1)


def modules_of(network: nn.Module) -> list[nn.Module]:
    """Convolutions and normalisations with weights, in the order in which they are registered."""
    return [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.BatchNorm2d)]


def test_a_mobilenet_says_the_same_through_two_libraries(
    shared_models: Path, photos: list[bytes], tmp_path: Path
) -> None:
    """The real weights of timm's folder, put into the network of transformers layer by layer."""
    from transformers import MobileNetV2Config, MobileNetV2ForImageClassification

    ours = models.load(str(shared_models / "mobilenetv2_100.imagenet"))
    given = modules_of(ours)
    epsilon = next(module.eps for module in given if isinstance(module, nn.BatchNorm2d))
    config = MobileNetV2Config(tf_padding=True, layer_norm_eps=epsilon, num_labels=2)
    network = MobileNetV2ForImageClassification(config)
    taken = modules_of(network)
    assert len(given) == len(taken) == 104
    for one, other in zip(given, taken, strict=True):
        other.load_state_dict(one.state_dict())
    network.save_pretrained(tmp_path)
    theirs = models.load(str(tmp_path))
    assert isinstance(ours.card.input, InputFacts)
    preparation = PicturePreparation(ours.card.input)
    inputs = preparation.collate(preparation.prepare(photos[:4]), device="cpu")
    assert close(ours, theirs, inputs)


def test_a_resnet_says_the_same_through_two_libraries(tmp_path: Path) -> None:
    """Two libraries name the layers of this one alike."""
    state = dict(torchvision_network("resnet18").state_dict())
    write_json(tmp_path / "timm" / "config.json", {"architecture": "resnet18", "num_classes": CLASSES})
    for folder in ("timm", "torchvision"):
        (tmp_path / folder).mkdir(exist_ok=True)
        save_file(state, tmp_path / folder / "model.safetensors")
    ours = models.load(str(tmp_path / "timm"))
    theirs = models.load(f"torchvision/resnet18:{tmp_path / 'torchvision'}")
    assert close(ours, theirs, torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0)))


@torch.no_grad()
def close(ours: Backbone, theirs: Backbone, inputs: Tensor) -> bool:
    """Whether two networks give features that are equal to 1e-4 of the largest."""
    one, other = ours(inputs).pooled, theirs(inputs).pooled
    assert one is not None
    assert other is not None
    return float((one - other).abs().max()) <= 1e-4 * float(one.abs().max())
