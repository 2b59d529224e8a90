from __future__ import annotations

import torch

from headstart.tasks.box_loss import box_loss, boxes_at, paired_overlap
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
