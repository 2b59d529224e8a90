"""Pictures with exact boxes and masks that need no download: real handwritten digits on textured canvases.

The digits are those of scikit-learn. Training scenes and test scenes show different handwritings.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from headstart.core.targets import Boxes

LABELS = tuple("0123456789")
"""What a box is of, in the order of its labels."""
MASK_LABELS = ("background", *LABELS)
"""What a pixel is of, in the order of the mask's values."""
TEST_DIGITS = 800
INK = 0.35
MOST_OVERLAP = 0.1
TRIES = 30
Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture (H, W, 3), its digits with tight boxes, and the place in `MASK_LABELS` of each pixel, int16 (H, W)."""

    picture: Picture
    boxes: Boxes
    mask: npt.NDArray[np.int16]


@dataclass(frozen=True)
class SceneOptions:
    """`size` is (height, width); numbers and sides of the digits in pixels are drawn from the two ranges."""

    size: tuple[int, int] = (128, 128)
    objects: tuple[int, int] = (1, 5)
    side: tuple[int, int] = (20, 44)


_DEFAULT = SceneOptions()


def make_scenes(count: int, *, seed: int, test: bool = False, options: SceneOptions = _DEFAULT) -> list[Scene]:
    """Scenes of which each is decided by `seed`, its number and `test`, which says whose handwriting they show."""
    return [
        draw_scene(np.random.default_rng((seed, int(test), number)), test=test, options=options)
        for number in range(count)
    ]


def draw_scene(random: np.random.Generator, *, test: bool = False, options: SceneOptions = _DEFAULT) -> Scene:
    """One scene. No digit hides more than a tenth of another one's ink."""
    images, labels = _digits(test)
    canvas = _canvas(options.size, random)
    mask = np.zeros(options.size, np.int16)
    owner = np.full(options.size, -1)
    shown: list[int] = []
    for _ in range(int(random.integers(options.objects[0], options.objects[1] + 1))):
        which = int(random.integers(len(labels)))
        placed = _place(images[which], owner, random, options)
        if placed is None:
            continue
        rows, columns, ink = placed
        area, covered = canvas[rows, columns], ink > INK
        colour = _contrasting(area.mean((0, 1)), random)
        canvas[rows, columns] = area + ink[..., None] * (colour - area)
        mask[rows, columns][covered] = labels[which] + 1
        owner[rows, columns][covered] = len(shown)
        shown.append(int(labels[which]))
    noisy = canvas + random.normal(0, 4, canvas.shape)
    return Scene(np.clip(np.rint(noisy), 0, 255).astype(np.uint8), _boxes(owner, shown), mask)


@cache
def _digits(test: bool) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    from sklearn.datasets import load_digits

    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.target))
    chosen = order[:TEST_DIGITS] if test else order[TEST_DIGITS:]
    return digits.images[chosen] / 16, digits.target[chosen]


def _place(
    digit: npt.NDArray[np.float64], owner: npt.NDArray[np.int64], random: np.random.Generator, options: SceneOptions
) -> tuple[slice, slice, npt.NDArray[np.float64]] | None:
    """Where a digit goes and its ink of 0..1 there, or None where there is no room for it."""
    height, width = owner.shape
    side = min(int(random.integers(options.side[0], options.side[1] + 1)), height, width)
    ink = _resized(digit, (side, side))
    covered = ink > INK
    for _ in range(TRIES):
        top, left = int(random.integers(height - side + 1)), int(random.integers(width - side + 1))
        rows, columns = slice(top, top + side), slice(left, left + side)
        under = owner[rows, columns]
        hidden = np.bincount(under[covered & (under >= 0)], minlength=1)
        if not hidden.any():
            return rows, columns, ink
        sizes = np.bincount(owner[owner >= 0], minlength=len(hidden))
        if (hidden <= MOST_OVERLAP * sizes[: len(hidden)]).all():
            return rows, columns, ink
    return None


def _boxes(owner: npt.NDArray[np.int64], shown: list[int]) -> Boxes:
    xyxy = np.zeros((len(shown), 4), np.float32)
    for number in range(len(shown)):
        ys, xs = np.nonzero(owner == number)
        xyxy[number] = xs.min(), ys.min(), xs.max() + 1, ys.max() + 1
    return Boxes(xyxy, np.array(shown, np.int32), np.zeros(len(shown), np.bool_))


def _canvas(size: tuple[int, int], random: np.random.Generator) -> npt.NDArray[np.float64]:
    """Clouds of several scales in a few colours."""
    height, width = size
    canvas = np.zeros((height, width, 3))
    canvas += random.uniform(40, 215, 3)
    for cell, strength in ((64, 35), (24, 22), (8, 14)):
        grid = random.normal(0, 1, (height // cell + 2, width // cell + 2))
        cloud = _resized(grid, (height + cell, width + cell))[:height, :width]
        canvas += strength * cloud[..., None] * random.uniform(0.4, 1, 3)
    return np.clip(canvas, 0, 255)


def _contrasting(around: npt.NDArray[np.float64], random: np.random.Generator) -> npt.NDArray[np.float64]:
    """A colour that can be told from its surroundings."""
    dark = around.mean() > 128
    return random.uniform(0, 70, 3) if dark else random.uniform(185, 255, 3)


def _resized(values: npt.NDArray[np.float64], size: tuple[int, int]) -> npt.NDArray[np.float64]:
    from PIL import Image

    picture = Image.fromarray(values.astype(np.float32)).resize(size[::-1], Image.Resampling.BICUBIC)
    return np.clip(np.asarray(picture, np.float64), values.min(), values.max())
