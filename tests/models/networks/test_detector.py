"""What every detector's own head shares: which weights are taken over, and what a library's loss is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from headstart.core.errors import ModelError
from headstart.models.backbone import Features
from headstart.models.networks.detector import DetectorHead, DetectorOutputs, Found, blank
from headstart.tasks.box_assignment import BoxTarget
from headstart.tasks.task import in_float32, sum_of


class Named(DetectorHead):
    """A tower and the layer that names the classes; its loss remembers what it was given."""

    def __init__(self, labels: int, width: int = 3) -> None:
        super().__init__()
        self.tower, self.classes = nn.Linear(width, width), nn.Linear(width, labels)
        self.given: list[Any] = []

    def forward(self, features: Features) -> DetectorOutputs:
        assert features.maps is not None
        return DetectorOutputs(self, {"logits": self.classes(self.tower(features.maps[0]))})

    def loss(self, values: Mapping[str, Any], boxes: Sequence[Tensor], labels: Sequence[Tensor]) -> Tensor:
        self.given = [boxes, labels]
        total: Tensor = values["logits"].sum()
        return total

    def found(self, values: Mapping[str, Any]) -> list[Found]:
        return [Found(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), torch.zeros(0))] * len(values["logits"])

    def names_classes(self, name: str) -> bool:
        return name.startswith("classes.")


def test_all_but_what_names_the_classes_is_taken_over() -> None:
    before, after = Named(5), Named(2)
    fresh = after.classes.weight.clone()
    after.take(before.class_free())
    assert torch.equal(after.tower.weight, before.tower.weight)
    assert torch.equal(after.classes.weight, fresh)
    after.take(before.state_dict())
    with pytest.raises(ModelError, match=r"tower\.bias, tower\.weight"):
        after.take(Named(2, width=4).class_free())
    with torch.no_grad():
        kept = before.class_free()
        before.tower.weight.zero_()
    assert kept["tower.weight"].any(), "a copy"


def test_what_is_ignored_or_empty_is_no_object() -> None:
    head = Named(2)
    outputs = head(Features(maps=(torch.ones(1, 3),)))
    edges = torch.tensor([[0.0, 0, 4, 4], [1, 1, 5, 5], [2, 2, 2, 9]])
    picture = BoxTarget(edges, torch.tensor([0, 1, 1]), torch.tensor([False, True, False]))
    outputs.loss([picture])
    boxes, labels = head.given
    assert torch.equal(boxes[0], edges[:1])
    assert labels[0].tolist() == [0]


def test_outputs_stay_what_they_are_when_they_are_brought_to_single_precision() -> None:
    head = Named(2)
    values = {"logits": torch.ones(1, 2, dtype=torch.bfloat16), "levels": [3], "size": (8, 4), "count": 1}
    outputs = DetectorOutputs(head, values)
    single = in_float32(outputs)
    assert single.head is head
    assert single.values["logits"].dtype == torch.float32
    assert single.values["levels"] == [3]
    assert float(sum_of(outputs)) == 2, "the head's own loss"
    (boxes,), (labels,) = head.given
    torch.testing.assert_close(boxes, torch.tensor([[0.4, 0.8, 1.6, 4.0], [1.2, 3.2, 3.6, 7.2]]))
    assert labels.tolist() == [0, 0]
    assert len(single.found()) == 1


def test_a_blank_takes_no_memory() -> None:
    made = blank((2, 3, 1000, 1000), torch.zeros(1, dtype=torch.bfloat16))
    assert made.shape == (2, 3, 1000, 1000)
    assert made.dtype == torch.float32
    assert made.untyped_storage().nbytes() == 4
