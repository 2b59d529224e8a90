from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from headstart.tasks.box_loss import box_loss, boxes_at, paired_overlap
from headstart.train.feed import Batch, PartOf, knowing_the_step
from tests.tasks.detectors import Known, knowing, target_of

SIZE = (64, 64)


def loss_of(known: list[Known], target: object, **more: object) -> float:
    outputs = knowing([known], size=SIZE, labels=2)
    return float(box_loss(outputs, [target], class_weights=None, label_smoothing=0.0))  # type: ignore[list-item]


def test_a_better_answer_costs_less() -> None:
    target = target_of((10, 10, 16, 16), labels=[1])
    right = loss_of([Known((10, 10, 16, 16), 1, 0.999)], target)
    shifted = loss_of([Known((11, 10, 17, 16), 1, 0.999)], target)
    wrong = loss_of([Known((10, 10, 16, 16), 0, 0.999)], target)
    nothing = loss_of([], target)
    assert right < 0.1 < shifted < wrong
    assert right < nothing


def test_what_is_found_in_an_ignored_box_costs_nothing() -> None:
    ignored = target_of((0, 0, 40, 40), ignored=[True])
    assert loss_of([Known((10, 10, 20, 20), 0)], ignored) < 1e-3
    assert loss_of([Known((10, 10, 20, 20), 0)], target_of()) > 0.1


def test_gradients_are_finite_without_any_box() -> None:
    outputs = knowing([[], []], size=SIZE, labels=2)
    classes = outputs.classes.clone().requires_grad_()
    loss = box_loss(
        outputs._replace(classes=classes), [target_of(), target_of()], class_weights=None, label_smoothing=0.0
    )
    loss.backward()  # type: ignore[no-untyped-call]
    assert torch.isfinite(loss)
    assert classes.grad is not None
    assert torch.isfinite(classes.grad).all()


def test_weights_count_the_boxes_of_a_class_more() -> None:
    outputs = knowing([[]], size=SIZE, labels=2)
    target = target_of((10, 10, 16, 16), labels=[1])
    plain, weighted = (
        float(box_loss(outputs, [target], class_weights=weights, label_smoothing=0.0))
        for weights in (None, torch.tensor([1.0, 3.0]))
    )
    assert weighted > 1.5 * plain


def test_boxes_and_overlaps() -> None:
    boxes = boxes_at(torch.tensor([[10.0, 10.0]]), torch.tensor([[1.0, 2.0, 3.0, 4.0]]))
    assert boxes.tolist() == [[9, 8, 13, 14]]
    half = paired_overlap(torch.tensor([[0.0, 0, 10, 10]]), torch.tensor([[0.0, 0, 10, 5]]))
    assert half.tolist() == [0.5]
    assert paired_overlap(torch.zeros(0, 4), torch.zeros(0, 4)).shape == (0,)


@pytest.mark.parametrize("cuts", [(2,), (1, 3), (1, 2, 3)])
def test_what_parts_of_a_step_say_adds_up_to_what_the_whole_says(cuts: tuple[int, ...]) -> None:
    """Where parts have unlike numbers of boxes, or none, their own means would weigh the pictures otherwise."""
    boxes = [[(10, 10, 16, 16), (30, 30, 44, 50), (2, 40, 12, 60)], [(10, 10, 30, 40)], [], [(5, 5, 9, 9)]]
    targets = tuple(target_of(*each, labels=[0] * len(each)) for each in boxes)  # type: ignore[arg-type]
    outputs = knowing([[], [], [], []], size=SIZE, labels=2)
    outputs = outputs._replace(classes=outputs.classes.clone().requires_grad_())

    def said(rows: slice, of: object) -> torch.Tensor:
        part = outputs._replace(classes=outputs.classes[rows], edges=outputs.edges[rows], fit=outputs.fit[rows])
        return box_loss(part, of, class_weights=None, label_smoothing=0.0)  # type: ignore[arg-type]

    whole = said(slice(0, 4), targets)
    (wanted,) = torch.autograd.grad(whole, outputs.classes)
    ends = [0, *cuts, 4]
    (known,) = knowing_the_step([Batch(torch.zeros(4), targets)])
    rows = [slice(start, end) for start, end in pairwise(ends)]
    parts = [said(each, known.targets[each]) * (each.stop - each.start) / 4 for each in rows]
    (found,) = torch.autograd.grad(sum(parts), outputs.classes)
    torch.testing.assert_close(sum(parts), whole)
    torch.testing.assert_close(found, wanted)


def test_targets_of_micro_batches_know_those_of_the_step() -> None:
    first, second = knowing_the_step([Batch(torch.zeros(2), ("a", "b")), Batch(torch.zeros(1), ("c",))])
    assert isinstance(first.targets, PartOf)
    assert (first.targets, first.targets.step, second.targets.step) == (("a", "b"), tuple("abc"), tuple("abc"))
    assert first.targets[1:].step == tuple("abc")
    labels = torch.zeros(2, dtype=torch.int64)
    assert knowing_the_step([Batch(torch.zeros(2), labels)])[0].targets is labels
