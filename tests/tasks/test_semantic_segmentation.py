from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.errors import ModelError, OptionError
from headstart.core.targets import IGNORED, column_of
from headstart.data.geometry import padded_size
from headstart.features.letterbox import Fitted
from headstart.features.tiles import View, Viewed
from headstart.metrics.segmentation import MASK_METRICS
from headstart.models.backbone import Features
from headstart.tasks import TASKS
from headstart.tasks.mask_decoding import between
from headstart.tasks.pixel_answer import PixelAnswer
from headstart.tasks.semantic_segmentation import SegmentationHead, SemanticSegmentation
from tests.pixels import Pixels

TASK = SemanticSegmentation()


def maps_of(pictures: int, height: int, width: int, channels: tuple[int, ...] = (4, 6, 8)) -> Features:
    torch.manual_seed(0)
    sizes = [(height // stride, width // stride) for stride in (4, 8, 16)]
    return Features(
        maps=tuple(torch.randn(pictures, *one) for one in zip(channels, *zip(*sizes, strict=True), strict=True))
    )


def head(labels: int = 3) -> SegmentationHead:
    torch.manual_seed(0)
    return SegmentationHead((4, 6, 8), (4, 8, 16), labels)


def test_it_is_in_the_table() -> None:
    assert isinstance(TASKS["semantic-segmentation"](), SemanticSegmentation)


def test_logits_have_the_size_of_the_finest_map() -> None:
    assert head()(maps_of(2, 64, 96)).shape == (2, 3, 16, 24)


def test_parts_are_named() -> None:
    assert {name.split(".")[0] for name, _ in head().named_parameters()} == {"neck", "classifier"}


def test_a_backbone_without_maps() -> None:
    class Plain:
        map_channels = ()
        card = type("Card", (), {"id": "plain"})()

    backbone: Any = Plain()
    with pytest.raises(ModelError, match="plain gives no feature maps"):
        TASK.head(backbone, 2)


def slow_loss(logits: torch.Tensor, masks: torch.Tensor, weights: torch.Tensor | None) -> float:
    """Pixel by pixel, from the formula."""
    pictures = []
    for one, mask in zip(logits, masks, strict=True):
        losses = []
        for row in range(mask.shape[0]):
            for column in range(mask.shape[1]):
                label = int(mask[row, column])
                if label != IGNORED:
                    scores = one[:, row, column].double()
                    weight = 1.0 if weights is None else min(float(weights[label]) ** 0.5, 10.0)
                    losses.append(weight * float(torch.logsumexp(scores, 0) - scores[label]))
        pictures.append(sum(losses) / max(len(losses), 1))
    return sum(pictures) / len(pictures)


@pytest.mark.parametrize("weights", [None, torch.tensor([1.0, 4.0, 900.0])])
def test_the_loss_is_that_of_the_formula(weights: torch.Tensor | None) -> None:
    torch.manual_seed(1)
    logits = torch.randn(3, 3, 5, 6)
    masks = torch.randint(-1, 3, (3, 5, 6))
    masks[2] = IGNORED
    found = TASK.loss(logits, tuple(masks), class_weights=weights)
    assert float(found) == pytest.approx(slow_loss(logits, masks, weights), rel=1e-5)


def test_parts_of_a_batch_add_up_to_the_batch() -> None:
    torch.manual_seed(1)
    logits, masks = torch.randn(4, 3, 5, 6), torch.randint(-1, 3, (4, 5, 6))
    whole = TASK.loss(logits, tuple(masks))
    parts = [TASK.loss(logits[some], tuple(masks[some])) for some in (slice(0, 2), slice(2, 4))]
    assert float(whole) == pytest.approx(float(sum(parts)) / 2)


def item(height: int, width: int, original: tuple[int, int]) -> Viewed:
    return Viewed(original, (View(Fitted(np.zeros((height, width, 3), np.uint8), original)),))


def one_hot(classes: np.ndarray, labels: int) -> torch.Tensor:
    return torch.nn.functional.one_hot(torch.from_numpy(classes), labels).permute(2, 0, 1).float() * 10


@settings(max_examples=30)
@given(
    height=st.integers(8, 60),
    width=st.integers(8, 60),
    factor=st.sampled_from([0.5, 1.0, 1.7, 3.0]),
    seed=st.integers(0, 99),
)
def test_a_mask_comes_back_in_the_size_of_the_picture(height: int, width: int, factor: float, seed: int) -> None:
    """The classes of two halves, cut anywhere, are found where they were, but for the cells at the cut."""
    random = np.random.default_rng(seed)
    original = max(round(height * factor), 1), max(round(width * factor), 1)
    cut = int(random.integers(1, width))
    high, wide = (side // 4 for side in padded_size([(height, width)]))
    cells = np.zeros((high, wide), np.int64)
    cells[:, (np.arange(wide) + 0.5) * 4 > cut] = 1
    (answer,) = TASK.decode(one_hot(cells, 2)[None], [item(height, width, original)])
    found = answer.pixels()
    assert found.shape == original
    middle = (np.arange(original[1]) + 0.5) / original[1] * width
    sure = np.abs(middle - cut) > 5
    assert (found[:, sure] == (middle > cut)[sure]).all()


def test_large_pictures_are_decoded_a_few_rows_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    logits, items = torch.randn(1, 5, 8, 8), [item(30, 31, (101, 97))]
    whole = TASK.decode(logits, items)[0].pixels()
    monkeypatch.setattr("headstart.tasks.mask_decoding.AT_ONCE", 97 * 5 * 7)
    assert (TASK.decode(logits, items)[0].pixels() == whole).all()


def test_what_decoding_finds_does_not_depend_on_the_other_pictures_of_a_batch() -> None:
    torch.manual_seed(0)
    logits = torch.randn(2, 3, 8, 8)
    items = [item(32, 20, (32, 20)), item(30, 32, (60, 64))]
    together = TASK.decode(logits, items)
    alone = TASK.decode(logits[:1], items[:1])
    assert (together[0].pixels() == alone[0].pixels()).all()


def answers(*arrays: Any) -> list[PixelAnswer]:
    return [PixelAnswer.of(np.array(one)) for one in arrays]


def targets(*arrays: Any) -> Any:
    return column_of([Pixels(np.array(one, np.int16)) for one in arrays])


def test_scores() -> None:
    given_ = answers([[0, 1], [1, 1]], [[0, 0], [0, 0]])
    true = targets([[0, 1], [1, 0]], [[0, 0], [IGNORED, IGNORED]])
    assert set(MASK_METRICS) >= {"mean_iou", "pixel_accuracy"}
    assert TASK.score(given_, true, labels=2, metric="pixel_accuracy") == pytest.approx(5 / 6)
    assert TASK.score(given_, true, labels=2, metric="mean_iou") == pytest.approx((3 / 4 + 2 / 3) / 2)
    assert TASK.measure(given_, true, labels=("a", "b"), part="test").metrics["mean_iou"] == pytest.approx(17 / 24)
    assert TASK.item_scores(given_, true, labels=2).tolist() == pytest.approx([(1 / 2 + 2 / 3) / 2, 1.0])
    empty = targets([[IGNORED, IGNORED]])
    assert TASK.item_scores(answers([[0, 1]]), empty, labels=2).tolist() == [1.0]


def test_predictions_tell_the_share_of_each_class() -> None:
    (answer,) = answers([[2, 2], [2, 0]])
    found = TASK.prediction("a.png", answer, b"", labels=("x", "y", "z"), threshold=None)
    assert found.findings == ({"label": "z", "pixels": 3, "share": 0.75}, {"label": "x", "pixels": 1, "share": 0.25})
    assert found.mask is not None
    assert found.mask.tolist() == [[2, 2], [2, 0]]
    with pytest.raises(OptionError, match="threshold"):
        TASK.prediction("a.png", answer, b"", labels=("x", "y", "z"), threshold=0.5)


@pytest.mark.parametrize(("pixels", "cells"), [(7, 3), (3, 7), (1, 1), (5, 1), (16, 16)])
def test_mixing_cells_is_bilinear_interpolation(pixels: int, cells: int) -> None:
    values = torch.randn(1, 1, cells)
    slow = torch.nn.functional.interpolate(values, size=pixels, mode="linear", align_corners=False)[0, 0]
    weights = between(pixels, cells, cells, torch.device("cpu"))
    torch.testing.assert_close(weights @ values[0, 0], slow)
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(pixels))
