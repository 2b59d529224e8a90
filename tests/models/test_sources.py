"""One suite for the backbones of every source: what they promise holds whatever library they come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from headstart import models
from headstart.artefact import TrainedModel
from headstart.core.card import Architecture, ModelCard
from headstart.core.run_record import ModelRecord
from headstart.core.strategy import Rule
from headstart.core.view import Network, View
from headstart.models.backbone import Backbone
from headstart.tasks.image_classification import ImageClassification
from headstart.tasks.task import Model
from headstart.train.loop import train
from tests.models.contract import CASES, Sample
from tests.models.samples import CLASSES, LABELS
from tests.train.tiny import TensorFeed, strategy


@pytest.fixture(scope="module", params=CASES)
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return Sample(CASES[request.param], tmp_path_factory.mktemp("model") / "folder")


def test_the_card_counts_what_is_there(sample: Sample) -> None:
    card = sample.backbone.card
    assert card == models.card(sample.id)
    assert card.parameters == sum(parameter.numel() for parameter in sample.backbone.parameters())
    assert card.width == sample.backbone.width == sample.backbone(sample.inputs).pooled.shape[1]  # type: ignore[union-attr]
    assert card.source == sample.backbone.architecture.source == sample.source
    assert card.revision.startswith("sha256:")
    assert ModelCard.model_validate_json(card.model_dump_json()) == card


def test_only_the_classifier_is_missing(sample: Sample) -> None:
    ours = sum(parameter.numel() for parameter in sample.backbone.parameters())
    classes, width = len(sample.backbone.card.source_labels), sample.backbone.width
    theirs = sum(parameter.numel() for parameter in sample.own.parameters())
    if "logits" not in sample.backbone.card.gives and not classes:
        assert theirs == ours
        return
    assert theirs - ours in (classes * width, classes * (width + 1))


@torch.no_grad()
def test_what_it_says_is_the_librarys_own(sample: Sample) -> None:
    pooled = sample.backbone(sample.inputs).pooled
    assert pooled is not None
    assert (pooled[0] - pooled[1]).abs().max() > 1e-3 * pooled.abs().max()
    logits = sample.backbone.source_logits(pooled)
    if "logits" not in sample.backbone.card.gives:
        assert logits is None
        if sample.backbone.card.source_labels:
            assert "no function of the pooled features" in sample.backbone.card.note
        else:
            torch.testing.assert_close(pooled, sample.own_answer(), rtol=1e-5, atol=1e-5)
        return
    assert logits is not None
    assert logits.shape == (2, len(sample.backbone.card.source_labels))
    torch.testing.assert_close(logits, sample.own_answer(), rtol=1e-5, atol=1e-5)


def test_every_parameter_is_in_one_group(sample: Sample) -> None:
    groups = sample.backbone.layer_groups()
    names = [name for group in groups for name in group]
    assert sorted(names) == sorted(name for name, _ in sample.backbone.named_parameters())
    assert len(set(names)) == len(names)
    assert len(groups) > 3
    assert all(groups)


def test_groups_go_from_the_input_to_the_output(sample: Sample) -> None:
    """What a later group computes does not depend on an earlier point: its first layer is run after theirs."""
    backbone = sample.backbone
    order: list[str] = []
    hooks = [
        module.register_forward_pre_hook(lambda module, inputs, name=name: order.append(name))
        for name, module in backbone.named_modules()
        if next(module.parameters(recurse=False), None) is not None
    ]
    with torch.no_grad():
        backbone(sample.inputs)
    for hook in hooks:
        hook.remove()
    first = {name: order.index(name) for name in order}
    owners = [[parameter.rpartition(".")[0] for parameter in group] for group in backbone.layer_groups()]
    starts = [min(first[name] for name in group if name in first) for group in owners if set(group) & first.keys()]
    assert starts == sorted(starts)


@torch.no_grad()
def test_it_is_built_again_from_its_description(sample: Sample) -> None:
    backbone = sample.backbone
    again = models.build(Architecture.model_validate_json(backbone.architecture.model_dump_json()), backbone.card)
    shapes = {name: value.shape for name, value in backbone.state_dict().items()}
    assert {name: value.shape for name, value in again.state_dict().items()} == shapes
    again.load_state_dict(backbone.state_dict())
    assert torch.equal(_pooled(again, sample.inputs), _pooled(backbone, sample.inputs))
    assert again.layer_groups() == backbone.layer_groups()


def test_what_is_frozen_does_not_move_by_a_bit(sample: Sample) -> None:
    """Two steps of the loop with a head that learns, in the mode that training puts the network into."""
    backbone = sample.backbone
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    task = ImageClassification()
    model = Model(backbone, task.head(backbone, 2))
    head = {name: value.clone() for name, value in model.head.state_dict().items()}
    rules = (Rule(pattern="backbone.*"), Rule(pattern="head.*", learning_rate=0.1))
    feed = TensorFeed(sample.inputs, np.arange(2, dtype=np.int32))
    try:
        train(model, task, feed, strategy(rules=rules, epochs=2, batch_size=2))
    finally:
        backbone.requires_grad_(True).eval()
    after = backbone.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert any(not torch.equal(value, model.head.state_dict()[name]) for name, value in head.items())


@torch.no_grad()
def test_it_is_the_same_after_it_was_saved_and_loaded(sample: Sample, tmp_path: Path) -> None:
    backbone = sample.backbone
    head = ImageClassification().head(backbone, 2)
    card = backbone.card
    assert card.input is not None
    record = ModelRecord(
        task="image-classification",
        labels=("a", "b"),
        multi_label=False,
        input=card.input,
        networks=(Network(architecture=backbone.architecture, card=card),),
        views=(View(name="probe", networks=(0,)),),
    )
    TrainedModel.of(record, Model(backbone, head)).save(tmp_path)
    again = TrainedModel.load(tmp_path).networks[0]
    assert torch.equal(_pooled(again, sample.inputs), _pooled(backbone, sample.inputs))


def test_the_description_names_no_place(sample: Sample) -> None:
    assert str(sample.folder.parent) not in sample.backbone.architecture.model_dump_json()


def test_new_like_is_fresh(sample: Sample) -> None:
    new = sample.backbone.new_like()
    ours, theirs = dict(sample.backbone.named_parameters()), dict(new.named_parameters())
    assert ours.keys() == theirs.keys()
    assert any(not torch.equal(ours[name], theirs[name]) for name in ours)
    assert new.source_logits(torch.zeros(1, new.width)) is None


def test_the_gradient_reaches_the_input_side(sample: Sample) -> None:
    backbone = sample.backbone
    try:
        (_pooled(backbone, sample.inputs) ** 2).sum().backward()
        first = set(backbone.layer_groups()[0])
        moved = [parameter.grad for name, parameter in backbone.named_parameters() if name in first]
        assert any(gradient is not None and bool(gradient.abs().sum() > 0) for gradient in moved)
    finally:
        backbone.zero_grad(set_to_none=True)


def test_weights_are_float32_and_in_evaluation_mode(sample: Sample) -> None:
    kinds = {value.dtype for value in sample.backbone.state_dict().values() if value.is_floating_point()}
    assert kinds == {torch.float32}
    assert not any(module.training for module in sample.backbone.modules())


def test_no_running_statistic_is_replaced_by_one_batch(sample: Sample) -> None:
    norms = [module for module in sample.backbone.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    assert all(module.momentum is not None and module.momentum <= 0.5 for module in norms)


def test_a_backbone_survives_copying_with_its_head(sample: Sample) -> None:
    import copy

    other = copy.deepcopy(sample.backbone)
    assert not any("head" in name for name, _ in other.named_parameters() if name.startswith("source_head"))
    assert (other.source_logits(torch.zeros(1, other.width)) is not None) == ("logits" in other.card.gives)


def test_made_models_have_the_facts_that_were_written_down(sample: Sample) -> None:
    card = sample.backbone.card
    if sample.shared:
        assert card.licence == ("unknown" if sample.source == "torchvision" else "Apache-2.0")
        words = {"inat_bird": "bird", "inat_insect": "insect"}
        kind = sample.folder.name.rpartition(".")[2]
        assert words.get(kind, "ImageNet-1k") in card.pretrained_on
    else:
        assert card.licence == "MIT"
        assert card.source_labels == (tuple(LABELS) if "logits" in card.gives else ())
        assert len(card.source_labels) in (0, CLASSES)
        assert card.pretrained_on == ("Kinds" if sample.source == "timm" else "ImageNet-1k")


def _pooled(backbone: Backbone, inputs: Tensor) -> Tensor:
    pooled = backbone(inputs).pooled
    assert pooled is not None
    return pooled
