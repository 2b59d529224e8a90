from __future__ import annotations

import numpy as np

from headstart.data.scenes import LABELS, MASK_LABELS, SceneOptions, make_scenes


def test_scenes_are_decided_by_their_seed() -> None:
    first, again, other = make_scenes(3, seed=1), make_scenes(5, seed=1), make_scenes(3, seed=2)
    for one, two in zip(first, again, strict=False):
        assert np.array_equal(one.picture, two.picture)
        assert one.boxes.digest() == two.boxes.digest()
    assert not np.array_equal(first[0].picture, other[0].picture)
    assert not np.array_equal(first[0].picture, make_scenes(1, seed=1, test=True)[0].picture)


def test_boxes_are_tight_around_the_masks_pixels() -> None:
    for scene in make_scenes(20, seed=0, options=SceneOptions(size=(96, 160))):
        assert scene.picture.shape == (96, 160, 3)
        assert scene.mask.max() < len(MASK_LABELS)
        seen = np.zeros(scene.mask.shape, bool)
        for (left, top, right, bottom), label in zip(scene.boxes.xyxy.astype(int), scene.boxes.labels, strict=True):
            inside = scene.mask[top:bottom, left:right] == label + 1
            assert MASK_LABELS[label + 1] == LABELS[label]
            assert inside[0].any()
            assert inside[-1].any()
            assert inside[:, 0].any()
            assert inside[:, -1].any()
            seen[top:bottom, left:right] = True
        assert not scene.mask[~seen].any()


def test_every_digit_is_shown_and_can_be_seen() -> None:
    scenes = make_scenes(60, seed=3)
    assert {int(label) for scene in scenes for label in scene.boxes.labels} == set(range(10))
    for scene in make_scenes(30, seed=3, options=SceneOptions(objects=(1, 1))):
        grey = scene.picture.mean(2)
        for left, top, right, bottom in scene.boxes.xyxy.astype(int):
            ink = scene.mask[top:bottom, left:right] > 0
            area = grey[top:bottom, left:right]
            assert abs(area[ink].mean() - area[~ink].mean()) > 15


def test_numbers_and_sizes_stay_in_their_ranges() -> None:
    options = SceneOptions(size=(200, 200), objects=(2, 3), side=(30, 40))
    for scene in make_scenes(10, seed=5, options=options):
        assert len(scene.boxes) in (2, 3)
        assert (scene.boxes.xyxy[:, 2:] - scene.boxes.xyxy[:, :2] <= 40).all()
