"""A whole detector of transformers taken apart: what heads for other classes start from."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from torch import nn

from headstart import models
from headstart.methods.method import Situation
from headstart.methods.suited import strategy_for
from headstart.models import card
from headstart.models.networks.frozen_norms import frozen_norms
from headstart.models.transformers.detector import TYPES
from headstart.models.transformers.network import architecture_of, create
from headstart.models.transformers.own_head import detector_backbone, with_labels
from headstart.tasks.task import Model
from headstart.train.groups import parameter_groups, set_modes
from tests.models.detector_samples import transformers_detector_folder


def test_heads_start_from_the_network_that_has_learnt(tmp_path: Path) -> None:
    from headstart.models.files.folder import read_config

    folder = transformers_detector_folder(tmp_path / "detr", "detr")
    architecture, known = architecture_of(read_config(folder), reverse=False), card(str(folder))
    network = create(architecture)
    weights = {name: value.clone() for name, value in network.state_dict().items()}
    learnt = detector_backbone(network, known, architecture, learnt=True)
    for labels in (2, 5):
        head = copy.deepcopy(learnt.own_head(labels))
        assert head is not None
        kept = {name: value for name, value in head.state_dict().items() if not head.names_classes(name)}
        assert all(torch.equal(value, weights[name.removeprefix("network.")]) for name, value in kept.items())
        assert head.state_dict()["network.class_labels_classifier.weight"].shape == (labels + 1, 32)
    blank = detector_backbone(create(architecture), known, architecture, learnt=False).own_head(2)
    assert blank is not None
    name = "network.model.input_projection.weight"
    assert not torch.equal(blank.state_dict()[name], weights[name.removeprefix("network.")])


def test_the_same_network_for_other_classes(tmp_path: Path) -> None:
    from headstart.models.files.folder import read_config

    folder = transformers_detector_folder(tmp_path / "detr", "detr")
    described = with_labels(architecture_of(read_config(folder), reverse=False), 9)
    assert create(described).config.num_labels == 9  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", TYPES)
def test_only_what_is_pretrained_keeps_its_norms_frozen(kind: str, tmp_path: Path) -> None:
    """A network without pretrained weights would else stay at mean 0 and variance 1, with nothing to train."""
    folder = str(transformers_detector_folder(tmp_path / kind, kind))
    pretrained, fresh = models.load(folder), models.load(folder, pretrained=False)
    frozen = frozen_norms(pretrained)
    assert len(frozen) == 12
    assert frozen_norms(pretrained.new_like()) == frozen
    for network in (fresh, fresh.new_like()):
        assert frozen_norms(network) == []
        assert all(type(network.get_submodule(name)) is nn.BatchNorm2d for name in frozen)
        assert network.card.parameters == sum(parameter.numel() for parameter in network.parameters())
    assert {name.rpartition(".")[2] for name in fresh.state_dict().keys() ^ pretrained.state_dict().keys()} == {
        "num_batches_tracked"
    }
    head = fresh.own_head(2)
    assert head is not None
    model = Model(fresh, head)
    strategy = strategy_for("scratch", Situation(50, 2, fresh.card, "object-detection"))
    moved = {name for group in parameter_groups(model, strategy) for name in group.parameters}
    assert {f"backbone.{name}.weight" for name in frozen} <= moved
    set_modes(model, strategy)
    before = {name: value.clone() for name, value in fresh.named_buffers() if name.endswith("running_mean")}
    fresh.forward_maps(torch.randn(2, 3, 64, 64) * 3 + 1)
    assert not any(torch.equal(fresh.get_buffer(name), value) for name, value in before.items())
