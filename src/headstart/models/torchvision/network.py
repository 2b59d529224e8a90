"""A network of torchvision, split into the body that is trained and the head of the source task."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torchvision.models import DenseNet, GoogLeNet, Inception3, MNASNet, SqueezeNet, get_model
from torchvision.models._utils import IntermediateLayerGetter
from torchvision.models.maxvit import MaxVitBlock
from torchvision.models.vision_transformer import Encoder

from headstart.core.card import Architecture, ModelCard
from headstart.core.errors import ModelError
from headstart.models.backbone import Features
from headstart.models.files.weights import check_weights, read_weights
from headstart.models.foreign_errors import in_short
from headstart.models.networks.headless import TracedBackbone
from headstart.models.networks.layer_blocks import by_block
from headstart.models.networks.source_head import SourceHead
from headstart.models.plausible import bounded, check_numbers
from headstart.models.torchvision.detector import (
    DETECTORS,
    DetectorBody,
    class_layer,
    detectors,
    renamed,
    without_epsilon,
)
from headstart.models.torchvision.segmenter import (
    PIXELS_ON_THE_WAY,
    SEGMENTERS,
    pixel_classifier,
    segmenters,
    split_segmenter,
)

# What a saved description may ask for besides the name: a network of another picture size (ViT), and whether pictures
# are normalised once more, as ported weights of GoogLeNet and Inception want it.
ARGUMENTS = ("image_size", "transform_input")
# Classifiers on the way, which only help training on the source task.
AUXILIARY = ("aux1.", "aux2.", "AuxLogits.")
OTHER = "Are they of another architecture? An id names it: torchvision/NAME:FILE."
# Batches seen: weights of before 2018 do not say, and nothing here reads it.
COUNT = "num_batches_tracked"
LARGER = 32
# What only holds blocks, and computes nothing that its blocks do not.
OPENED = (Encoder, MaxVitBlock, IntermediateLayerGetter)
RECTIFIED = (
    "Its own logits are rectified before they are averaged over the picture, so they are no function of the pooled "
    "features and are not offered."
)
# Names that DenseNet's layers had while module names could hold a dot.
_DENSE = re.compile(r"^(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\.(?:weight|bias|running_mean|running_var))$")


Shapes = Mapping[str, tuple[int, ...]]


class TorchvisionBackbone(TracedBackbone):
    """A network of torchvision whose classifier, the last linear layer, is taken off: what it saw are the features.

    Of a segmenter it is the classifier of pixels, and the mean of what that saw are the pooled features.
    """

    def __init__(
        self, body: nn.Module, *, card: ModelCard, architecture: Architecture, width: int, head: SourceHead | None
    ) -> None:
        super().__init__(body, card=card, architecture=architecture, width=width, head=head)

    def forward(self, inputs: Tensor) -> Features:
        """Pooled features of (N, C, H, W) inputs."""
        return Features(pooled=self.body(inputs))

    def layer_groups(self) -> Sequence[tuple[str, ...]]:
        """The blocks of the network in the order of registration, which in torchvision is that of computation."""
        return [tuple(f"body.{name}" for name in names) for names in by_block(self.body, opened=OPENED)]


class _Averaged(nn.Module):
    """The layers of an MNASNet and its pooling, without the demand for a version that a state dict may not carry."""

    def __init__(self, layers: nn.Module) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, inputs: Tensor) -> Tensor:
        averaged: Tensor = self.layers(inputs).mean((2, 3))
        return averaged


class Measures(NamedTuple):
    """What is known of a network once it has been laid out, without weights."""

    width: int
    parameters: int
    fixed_size: bool
    logits: bool


def architecture_of(name: str, arguments: Mapping[str, Any]) -> Architecture:
    """The description that builds a network of torchvision again."""
    return Architecture(source="torchvision", name=name, arguments=dict(arguments))


def create(architecture: Architecture, *, classes: int = 1000) -> nn.Module:
    """A network with a fresh initialisation and its classifier on. Raises `ModelError` where torchvision cannot."""
    name, arguments = architecture.name, dict(architecture.arguments)
    unknown = sorted(arguments.keys() - set(ARGUMENTS))
    if unknown:
        raise ModelError([f"The description of a torchvision {name} may not set '{argument}'." for argument in unknown])
    check_numbers(arguments, model=f"a torchvision {name}")
    if name in ("googlenet", "inception_v3"):
        arguments |= {"aux_logits": False, "init_weights": True}
    if name in segmenters() or name in detectors():
        arguments |= {"weights_backbone": None}
    try:
        network: nn.Module = get_model(name, weights=None, num_classes=classes, **arguments)
    except ModelError:
        raise
    except Exception as error:
        # Whatever fails in there, it is the description that came from outside that made it fail.
        raise ModelError(f"torchvision could not build {name}: {in_short(error)}.") from error
    return without_epsilon(network, name)


def create_pretrained(architecture: Architecture, file: Path, *, model: str) -> nn.Module:
    """A network with the weights of a file, in float32. Raises `ModelError` where they do not fit it."""
    check_weights(file)
    content = read_weights(file)
    shapes = {name: tuple(value.shape) for name, value in content.items()}
    network = create(architecture, classes=classes_of(shapes, architecture, model=model))
    weights = fitting(content, network)
    expected = network.state_dict()
    problems = misfits({name: tuple(value.shape) for name, value in weights.items()}, expected)
    if problems:
        raise ModelError(
            f"The weights of {model} are not those of a torchvision {architecture.name}: {'; '.join(problems)}.",
            hint=OTHER,
        )
    network.load_state_dict(weights)
    return network.float()


def misfits(shapes: Shapes, expected: Mapping[str, Tensor]) -> list[str]:
    """What keeps tensors of these names and shapes from being those of a network, in a few words each."""
    missing = [name for name in expected if name not in shapes]
    extra = [name for name in shapes if name not in expected]
    other = [
        f"{name} has the shape {shapes[name]} instead of {tuple(value.shape)}"
        for name, value in expected.items()
        if name in shapes and tuple(shapes[name]) != tuple(value.shape)
    ]
    found = [f"{len(missing)} are missing ({', '.join(missing[:3])})"] if missing else []
    found += [f"{len(extra)} are too many ({', '.join(extra[:3])})"] if extra else []
    return found + other[:3]


def fitting(content: Mapping[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """A state dict as this version of torchvision names it, without the classifiers on the way."""
    kept: OrderedDict[str, Tensor] = OrderedDict(
        (name, content[old]) for name, old in _renamed(content, network).items()
    )
    for name, value in network.state_dict().items():
        if name.endswith(COUNT):
            kept.setdefault(name, value)
    kept._metadata = {"": {"version": 2}}  # type: ignore[attr-defined]  # MNASNet asks for it; shapes are checked
    return kept


def fitting_shapes(shapes: Shapes, network: nn.Module) -> dict[str, tuple[int, ...]]:
    """The same for the shapes of a state dict."""
    kept = {name: shapes[old] for name, old in _renamed(shapes, network).items()}
    counted = {name: () for name in network.state_dict() if name.endswith(COUNT)}
    return {**counted, **kept}


def _renamed(names: Iterable[str], network: nn.Module) -> dict[str, str]:
    """Names of today, and what the state dict calls them."""
    found = {}
    auxiliary: tuple[str, ...] = AUXILIARY if isinstance(network, GoogLeNet | Inception3) else ()
    auxiliary += (PIXELS_ON_THE_WAY,) if isinstance(network, SEGMENTERS) else ()
    known = network.state_dict() if isinstance(network, DETECTORS) else {}
    for name in names:
        if known:
            found[renamed(name, known)] = name
            continue
        old = _DENSE.match(name) if isinstance(network, DenseNet) else None
        if not name.startswith(auxiliary):
            found[old[1] + old[2] if old else name] = name
    return found


def classes_of(shapes: Shapes, architecture: Architecture, *, model: str) -> int:
    """The number of classes in a state dict. Raises `ModelError` where the classifier is not in it."""
    network = laid_out(architecture)
    layer, times = class_layer(network) if isinstance(network, DETECTORS) else (_classifier(network), 1)
    name = f"{layer}.weight"
    if name not in shapes:
        raise ModelError(
            f"The weights of {model} are not those of a torchvision {architecture.name}: they have no {name}.",
            hint=OTHER,
        )
    return int(shapes[name][0]) // times


def _classifier(network: nn.Module) -> str:
    """The name of the layer that gives the logits."""
    if isinstance(network, SEGMENTERS):
        return pixel_classifier(network)
    kinds = (nn.Conv2d,) if isinstance(network, SqueezeNet) else (nn.Linear,)
    names: list[str] = [name for name, module in network.named_modules() if isinstance(module, kinds)]
    return names[-1]


def split(network: nn.Module) -> tuple[nn.Module, SourceHead | None]:
    """Take the classifier off a network of torchvision: its body, and the head where that is linear."""
    if isinstance(network, SqueezeNet):
        network.classifier = nn.AdaptiveAvgPool2d(1)
        return network, None
    if isinstance(network, SEGMENTERS):
        return split_segmenter(network)
    if isinstance(network, DETECTORS):
        return DetectorBody(network), None
    name = _classifier(network)
    head = network.get_submodule(name)
    parent_name, _, own_name = name.rpartition(".")
    parent = network.get_submodule(parent_name)
    setattr(parent, own_name, nn.Identity())
    # Dropout between features and classifier belongs to the classifier.
    siblings = list(parent.named_children())
    before = [child for child, _ in siblings].index(own_name) - 1
    if before >= 0 and isinstance(siblings[before][1], nn.Dropout):
        setattr(parent, siblings[before][0], nn.Identity())
    return _Averaged(network.layers) if isinstance(network, MNASNet) else network, SourceHead.of(head)


def measure(architecture: Architecture, *, size: tuple[int, int]) -> Measures:
    """Width, number of weights, and whether another size is refused, from a network laid out but never filled."""
    return _measure(architecture.model_dump_json(), size)


@lru_cache(maxsize=256)
def _measure(architecture: str, size: tuple[int, int]) -> Measures:
    described = Architecture.model_validate_json(architecture)
    body, head = split(laid_out(described))
    body.eval()
    with torch.no_grad():
        pooled = _run(body, size)
        larger = _run(body, (size[0] + LARGER, size[1] + LARGER))
    if isinstance(pooled, Exception):
        raise ModelError(
            f"A torchvision {described.name} cannot be run at {size[0]} x {size[1]}: {in_short(pooled)}."
        ) from pooled
    parameters = sum(parameter.numel() for parameter in body.parameters())
    return Measures(pooled.shape[1], parameters, isinstance(larger, Exception), head is not None)


def laid_out(architecture: Architecture, *, classes: int = 1000) -> nn.Module:
    """A network that takes no memory: its tensors have shapes and no values."""
    # SSD runs its backbone to learn of its channels: statistics have to be where the weights are.
    everything = torch.device("meta") if architecture.name in detectors() else nullcontext()
    with _unfilled(), everything:
        network = create(architecture, classes=classes)
    return network.to("meta")


class _Unfilled(TorchFunctionMode):
    """New parameters get no memory. Everything else is computed: RegNet calculates its own widths with tensors."""

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        options = dict(kwargs or {})
        if function is torch.empty:
            options["device"] = "meta"
        return function(*args, **options)


@contextmanager
def _unfilled() -> Iterator[None]:
    with _Unfilled(), torch.no_grad(), bounded():
        yield


def _run(body: nn.Module, size: tuple[int, int]) -> Any:
    try:
        return body(torch.empty(2, 3, *size, device="meta"))
    except Exception as error:  # noqa: BLE001 - the caller asks whether this size fails, and how
        return error
