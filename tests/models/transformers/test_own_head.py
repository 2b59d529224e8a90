"""A whole detector of transformers taken apart: what heads for other classes start from."""

from __future__ import annotations

import copy
from pathlib import Path

import torch

from headstart.models import card
from headstart.models.transformers.network import architecture_of, create
from headstart.models.transformers.own_head import detector_backbone, with_labels
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
