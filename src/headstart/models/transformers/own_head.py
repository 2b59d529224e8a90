"""A whole detector of transformers -> its backbone, and heads for other classes that start from its own."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import nn

from headstart.core.card import Architecture, ModelCard
from headstart.models.networks.frozen_norms import train_norms
from headstart.models.plausible import bounded
from headstart.models.transformers.detector import DetectorBody, TransformersDetector, fresh_names
from headstart.models.transformers.network import create
from headstart.models.transformers.query_head import QueryHead

NORMS = "norms"
"""The argument of a description that says `trained` of a network whose batch norms are not kept frozen."""


def with_labels(architecture: Architecture, labels: int) -> Architecture:
    """The same network for another number of classes."""
    config = {**architecture.arguments["config"], "num_labels": labels}
    return architecture.model_copy(update={"arguments": {**architecture.arguments, "config": config}})


def detector_backbone(
    network: nn.Module, card: ModelCard, architecture: Architecture, *, learnt: bool
) -> TransformersDetector:
    """A whole detector as a backbone; `learnt` says whether its own head is to start from the network's weights.

    The library keeps the batch norms of the convolutional backbone frozen. They are trained with the rest where nothing
    was learnt before, and then the description says so: a saved run is built again with the same ones.
    """
    if not (learnt or card.pretrained_on or card.ancestry):
        architecture = _with_trained_norms(architecture)
    fresh = _fresh_names(architecture.model_dump_json())

    def whole(labels: int) -> nn.Module:
        return create(with_labels(architecture, labels))

    body = DetectorBody(network)
    if architecture.arguments.get(NORMS) == "trained":
        train_norms(body)
        card = card.model_copy(update={"parameters": sum(parameter.numel() for parameter in body.parameters())})
    backbone = TransformersDetector(body, card=card, architecture=architecture, create=whole, fresh=fresh)
    if learnt:
        backbone.take_own_head(QueryHead(network, stride=1, fresh=fresh).class_free())
    backbone.eval()
    return backbone


def _with_trained_norms(architecture: Architecture) -> Architecture:
    return architecture.model_copy(update={"arguments": {**architecture.arguments, NORMS: "trained"}})


@lru_cache(maxsize=64)
def _fresh_names(architecture: str) -> frozenset[str]:
    described = Architecture.model_validate_json(architecture)
    with torch.device("meta"), torch.no_grad(), bounded():
        return fresh_names(create(with_labels(described, 2)), create(with_labels(described, 3)))
