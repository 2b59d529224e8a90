"""Saved models of several networks and views, made of what is at hand: nothing has been trained."""

from __future__ import annotations

from pathlib import Path

import torch

from headstart import models
from headstart.artefact import TrainedModel, head_for
from headstart.core.card import InputFacts
from headstart.core.run_record import ModelRecord
from headstart.core.view import Network, View
from headstart.tasks import TASKS
from tests.worlds import SIDE, write_network

LABELS = ("circle", "cross", "stripe")
FACTS = InputFacts(size=(SIDE, SIDE), crop_fraction=1.0, mean=(0.5,) * 3, std=(0.5,) * 3)

VIEWS = (
    View(name="probe", networks=(0,), weight=0.2, mirrored=True),
    View(name="stages", networks=(0,), stages=True, weight=0.3),
    View(name="tuned", networks=(1,), weight=0.1),
    View(name="refit-stages", networks=(1,), stages=True, mirrored=True, weight=0.25),
    View(name="together", networks=(0, 1), weight=0.15, mirrored=True),
)
"""Weights that do not need to be normalised, and every way to take features of two networks."""


def trained_model(
    folder: Path,
    views: tuple[View, ...] = VIEWS,
    *,
    names: tuple[str, ...] = ("test_resnet", "test_efficientnet"),
    multi_label: bool = False,
) -> TrainedModel:
    """A model of these networks, with heads that answer differently and surely enough to be told apart."""
    networks = tuple(
        models.load(str(write_network(folder / f"network-{place}", name=name, seed=place)))
        for place, name in enumerate(names)
    )
    task = TASKS["image-classification"](multi_label=multi_label)
    heads = tuple(head_for(view, networks, task, labels=len(LABELS)) for view in views)
    generator = torch.Generator().manual_seed(5)
    for head in heads:
        for parameter in head.parameters():
            torch.nn.init.normal_(parameter, std=0.5, generator=generator)
    record = ModelRecord(
        task="image-classification",
        labels=LABELS,
        multi_label=multi_label,
        networks=tuple(Network(card=network.card, architecture=network.architecture) for network in networks),
        views=views,
        input=FACTS,
    )
    trained = TrainedModel(record, networks, heads)
    trained.module().eval().requires_grad_(False)
    return trained
