"""The heads of detectors of transformers that look for a set of objects, with their own losses and matching."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers.modeling_outputs import BackboneOutput

from headstart.core.errors import ModelError
from headstart.models.backbone import Features
from headstart.models.networks.detector import DetectorHead, DetectorOutputs, Found, blank

MOST = 300
"""Objects that are told of a picture at most, where every pair of a query and a class is one that may be told."""
# What the stand-in for the backbone hands on: each thread sees the maps that it gave itself.
_maps: ContextVar[tuple[Tensor, ...]] = ContextVar("maps")
# What a loss is given besides the outputs.
_GIVEN = ("labels", "device", "config", "kwargs")
# Of these, the coarsest cells that look most like something become the queries: there have to be as many.
CHOOSING = ("rt_detr", "rt_detr_v2", "d_fine")


def inner_encoder(network: Any) -> Any:
    """The module of a detector that runs its convolutional backbone, as its attribute `model`."""
    encoder = network.model.backbone
    return getattr(encoder, "conv_encoder", encoder)


class QueryHead(DetectorHead):
    """A detector of transformers whose convolutional backbone has been taken off.

    Its forward computes what its loss needs and hands that over, so that the loss can be computed later.
    """

    def __init__(self, network: Any, *, stride: int, fresh: Collection[str]) -> None:
        """`stride` is that of the finest map; `fresh` are the names in the network's state dict that name classes.

        The network's backbone is taken off, in place.
        """
        super().__init__()
        self.network = network
        inner_encoder(network).model = _GivenMaps()
        self._loss = network.loss_function
        network.loss_function = _Asked(self._loss)
        self.stride, self.fresh = stride, frozenset(fresh)

    def forward(self, features: Features) -> DetectorOutputs:
        """Logits, boxes and what else the library's loss takes, of every query and decoder layer."""
        assert features.maps is not None
        finest, config = features.maps[0], self.network.config
        count, high, wide = finest.shape[0], finest.shape[2] * self.stride, finest.shape[3] * self.stride
        cells = sum(one.shape[2] * one.shape[3] for one in features.maps)
        if config.model_type in CHOOSING and cells < config.num_queries:
            raise ModelError(
                f"This detector looks for {config.num_queries} objects in the cells of its maps, and pictures of "
                f"{wide} x {high} pixels have {cells} of them.",
                hint="Give a larger --image-size.",
            )
        graded = torch.is_grad_enabled()
        given = _maps.set(features.maps)
        try:
            # The library keeps what it makes of a size: made in inference mode, it could not be trained with later.
            with torch.inference_mode(False), torch.set_grad_enabled(graded):
                outputs = self.network(pixel_values=blank((count, 3, high, wide), finest), labels=[])
        finally:
            _maps.reset(given)
        return DetectorOutputs(self, {"said": outputs.loss_dict, "size": (high, wide), "count": count})

    def loss(self, values: Mapping[str, Any], boxes: Sequence[Tensor], labels: Sequence[Tensor]) -> Tensor:
        """The library's own, of the best matching of queries and objects (Carion et al. 2020)."""
        high, wide = values["size"]
        said = dict(values["said"])
        logits = said["logits"]
        scale = logits.new_tensor([wide, high, wide, high])
        wanted = [
            {"class_labels": named, "boxes": _centred(each.to(logits)) / scale}
            for each, named in zip(boxes, labels, strict=True)
        ]
        total = self._loss(labels=wanted, device=logits.device, config=self.network.config, **said)[0]
        return cast(Tensor, total)

    def found(self, values: Mapping[str, Any]) -> list[Found]:
        """Where there is a class for nothing, the class of each query; else the best pairs of a query and a class."""
        high, wide = values["size"]
        logits, boxes = values["said"]["logits"], values["said"]["pred_boxes"]
        scale = logits.new_tensor([wide, high, wide, high])
        edges = _cornered(boxes) * scale
        classes = self.network.config.num_labels
        if logits.shape[-1] > classes:
            scores, labels = logits.softmax(-1)[..., :classes].max(-1)
            return [Found(*each) for each in zip(edges, labels, scores, strict=True)]
        scores, places = logits.sigmoid().flatten(1).topk(min(MOST, logits.shape[1] * classes))
        return [
            Found(each[place // classes], place % classes, score)
            for each, place, score in zip(edges, places, scores, strict=True)
        ]

    def names_classes(self, name: str) -> bool:
        """Whatever has another shape for another number of classes."""
        return name.removeprefix("network.") in self.fresh


class _GivenMaps(nn.Module):
    """Stands in the place of a backbone, and hands on the maps that are there already."""

    def forward(self, pixel_values: Tensor) -> BackboneOutput:
        del pixel_values
        return BackboneOutput(feature_maps=cast(Any, _maps.get()))


class _Asked:
    """Stands in the place of a loss, and hands on what that would have been given."""

    def __init__(self, loss: Any) -> None:
        self._signature = inspect.signature(loss)

    def __call__(self, *given: Any, **named: Any) -> tuple[None, dict[str, Any], None]:
        bound = self._signature.bind(*given, **named).arguments
        said = {name: value for name, value in bound.items() if name not in _GIVEN}
        return None, said | bound.get("kwargs", {}), None


def _centred(xyxy: Tensor) -> Tensor:
    return torch.cat([(xyxy[:, :2] + xyxy[:, 2:]) / 2, xyxy[:, 2:] - xyxy[:, :2]], 1)


def _cornered(boxes: Tensor) -> Tensor:
    return torch.cat([boxes[..., :2] - boxes[..., 2:] / 2, boxes[..., :2] + boxes[..., 2:] / 2], -1)
