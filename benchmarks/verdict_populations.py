"""Populations of repeats and test items whose true gain is known, for the calibration of the verdict.

A real one is a table of differences: pairs of heads, trained on random training items with random seeds, on every item
of a large test set. Its rows and columns are the population, from which experiments are drawn with replacement. Drawing
items with unequal chances (exponential tilting) moves the true gain, and the rate at which the two arms disagree, to
exactly where they are wanted, and leaves what seeds, splits and items do to single differences as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import root
from scipy.special import ndtri

from benchmarks.harness import WORK, needs_shared

SPLITS, SEEDS, PER_CLASS, HIDDEN, RIDGE = 40, 8, 10, 512, 10.0


@dataclass(frozen=True)
class Table:
    """Differences (S, K, P) of -1, 0 and 1 between two arms: splits, seeds of a split, and test items."""

    name: str
    differences: np.ndarray
    chances: np.ndarray

    @classmethod
    def of(cls, name: str, differences: np.ndarray) -> Table:
        """Every item equally likely."""
        return cls(name, differences, np.full(differences.shape[2], 1 / differences.shape[2]))

    @property
    def gain(self) -> float:
        """The true gain."""
        return float((self.differences.mean(axis=(0, 1)) * self.chances).sum())

    @property
    def disagreement(self) -> float:
        """How often a pair of models differs on an item."""
        return float((np.abs(self.differences).mean(axis=(0, 1)) * self.chances).sum())

    def tilted(self, *, gain: float, disagreement: float | None = None) -> Table:
        """The same rows and items, drawn so that gain and disagreement are these. Raises where no chances give them."""
        mean, differing = self.differences.mean(axis=(0, 1)), np.abs(self.differences).mean(axis=(0, 1))
        wanted = [gain] if disagreement is None else [gain, disagreement]
        features = np.stack([mean, differing][: len(wanted)])

        def chances(powers: np.ndarray) -> np.ndarray:
            logits = powers @ features
            heaps = np.exp(logits - logits.max())
            return heaps / heaps.sum()

        found = root(lambda powers: features @ chances(powers) - wanted, np.zeros(len(wanted)))
        if np.abs(features @ chances(found.x) - wanted).max() > 1e-9:
            raise ValueError(f"{self.name} cannot be drawn with a gain of {gain} and a disagreement of {disagreement}")
        return Table(self.name, self.differences, chances(found.x))

    def draw(self, random: np.random.Generator, repeats: int, items: int) -> tuple[np.ndarray, np.ndarray]:
        """Scores of transfer and of the control, both (R, N)."""
        splits, seeds, count = self.differences.shape
        rows = self.differences.reshape(splits * seeds, count)[random.integers(0, splits * seeds, repeats)]
        chosen = np.searchsorted(np.cumsum(self.chances), random.random(items) * (1 - 1e-12))
        return arms(rows[:, chosen])

    def parts(self) -> dict[str, float]:
        """Variances of one split, seed, item, and what is left of one difference, by the three-way table."""
        splits, seeds, _ = self.differences.shape
        table = self.differences.astype(np.float64)
        by_split, by_row, by_item = table.mean(axis=1), table @ self.chances, table.mean(axis=(0, 1))
        seed = float(by_row.var(axis=1, ddof=1).mean())
        split = max(float(by_row.mean(axis=1).var(ddof=1)) - seed / seeds, 0.0)
        with_seed = table.var(axis=1, ddof=1).mean(axis=0) @ self.chances - seed
        with_split = by_split.var(axis=0, ddof=1) @ self.chances - split - seed / seeds - with_seed / seeds
        rest = (with_split / splits) + with_seed / (splits * seeds)
        item = float((by_item - self.gain) ** 2 @ self.chances) - rest
        return {
            "split": split,
            "seed": seed,
            "item": item,
            "item x split": max(with_split, 0),
            "item x seed": with_seed,
        }


@dataclass(frozen=True)
class Model:
    """A latent normal of repeat, item and remainder, cut into -1, 0 and 1: any gain and disagreement, exactly.

    `of_repeats` and `of_items` are shares of the latent variance; `in_group` items share `of_groups` of it.
    """

    gain: float
    disagreement: float
    of_repeats: float = 0.01
    of_items: float = 0.6
    of_groups: float = 0.0
    in_group: int = 1

    def draw(self, random: np.random.Generator, repeats: int, items: int) -> tuple[np.ndarray, np.ndarray]:
        """Scores of transfer and of the control, both (R, N); `groups` says which items belong together."""
        up, down = ndtri((self.disagreement + self.gain) / 2), ndtri((self.disagreement - self.gain) / 2)
        rest = 1 - self.of_repeats - self.of_items - self.of_groups
        latent = random.normal((up - down) / 2, np.sqrt(rest), (repeats, items))
        latent += random.normal(0, np.sqrt(self.of_repeats), (repeats, 1))
        latent += random.normal(0, np.sqrt(self.of_items), items)
        if self.of_groups:
            latent += random.normal(0, np.sqrt(self.of_groups), items)[self.groups(items)]
        cut = -(up + down) / 2
        return arms((latent > cut).astype(np.int8) - (latent < -cut))

    def groups(self, items: int) -> np.ndarray:
        """(N,) codes of groups of equal size."""
        return np.arange(items) // self.in_group


def arms(differences: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scores of 0 and 1 with these differences; where there is none, both are right."""
    return (differences >= 0).astype(np.float64), (differences <= 0).astype(np.float64)


def pictures_of_digits() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """USPS: features of MobileNetV1 0.25 (9298, 256), pixels (9298, 256) and labels, computed once."""
    kept = WORK / "usps_features.npz"
    if not kept.exists():
        packed = np.load(needs_shared("data", "usps", "usps.npz"))
        pixels = np.concatenate([packed["train_x"], packed["test_x"]]).astype(np.float32) / 255
        features = features_of(needs_shared("models", "mobilenet_v1_0.25_128.imagenet"), pixels)
        kept.parent.mkdir(exist_ok=True)
        labels = np.concatenate([packed["train_y"], packed["test_y"]])
        np.savez(kept, features=features, pixels=pixels.reshape(len(pixels), -1), labels=labels)
    found = np.load(kept)
    return found["features"], found["pixels"], found["labels"]


def features_of(model: Path, pixels: np.ndarray) -> np.ndarray:
    """Pooled features of grey pictures (N, H, W) of 0..1, enlarged to the network's own size."""
    import torch

    from headstart.models import load

    backbone = load(str(model)).eval()
    found = []
    with torch.inference_mode():
        for start in range(0, len(pixels), 128):
            batch = torch.from_numpy(pixels[start : start + 128])[:, None]
            batch = torch.nn.functional.interpolate(batch, size=(128, 128), mode="bilinear").expand(-1, 3, -1, -1)
            found.append(backbone((batch - 0.5) / 0.5).pooled.numpy())
    return np.concatenate(found)


def head_is_right(
    features: np.ndarray, labels: np.ndarray, train: np.ndarray, test: np.ndarray, *, seed: int
) -> np.ndarray:
    """(P,) which test items a ridge head on random rectified projections, drawn by the seed, gets right."""
    random = np.random.default_rng(seed)
    weights = random.normal(size=(features.shape[1], HIDDEN)).astype(np.float32) / np.sqrt(features.shape[1])
    shift = random.normal(size=HIDDEN).astype(np.float32)
    hidden = np.maximum(features[train] @ weights + shift, 0)
    wanted = (labels[train][:, None] == np.arange(labels.max() + 1)).astype(np.float32)
    centre, level = hidden.mean(axis=0), wanted.mean(axis=0)
    kernel = (hidden - centre) @ (hidden - centre).T
    dual = np.linalg.solve(kernel + RIDGE * np.eye(len(train), dtype=np.float32), wanted - level)
    solved = (hidden - centre).T @ dual
    scores = (np.maximum(features[test] @ weights + shift, 0) - centre) @ solved + level
    return np.asarray(scores.argmax(axis=1) == labels[test])


def real_tables() -> dict[str, Table]:
    """Digits with features against pixels ("transfer") and pixels against pixels with another seed ("sham")."""
    kept = WORK / "verdict_tables.npz"
    if not kept.exists():
        features, pixels, labels = pictures_of_digits()
        features = (features - features.mean(axis=0)) / (features.std(axis=0) + 1e-3)
        pixels = (pixels - pixels.mean(axis=0)) / (pixels.std(axis=0) + 0.1)
        order = np.random.default_rng(0).permutation(len(labels))
        pool, test = order[:2000], order[2000:]
        right = {
            "features": _answers(features, labels, pool, test, first_seed=0),
            "pixels": _answers(pixels, labels, pool, test, first_seed=10_000),
            "other pixels": _answers(pixels, labels, pool, test, first_seed=20_000),
        }
        np.savez(kept, **right)
    found = np.load(kept)
    pixels = found["pixels"].astype(np.int8)
    return {
        "transfer": Table.of("transfer", found["features"].astype(np.int8) - pixels),
        "sham": Table.of("sham", found["other pixels"].astype(np.int8) - pixels),
    }


def _answers(
    features: np.ndarray, labels: np.ndarray, pool: np.ndarray, test: np.ndarray, *, first_seed: int
) -> np.ndarray:
    """(S, K, P): the same splits for every arm, seeds of its own for each."""

    def split(number: int) -> np.ndarray:
        order = np.random.default_rng(number).permutation(pool)
        return np.concatenate([order[labels[order] == label][:PER_CLASS] for label in range(labels.max() + 1)])

    answer: Callable[[int, int], np.ndarray] = lambda s, k: head_is_right(  # noqa: E731
        features, labels, split(s), test, seed=first_seed + s * SEEDS + k
    )
    return np.stack([[answer(s, k) for k in range(SEEDS)] for s in range(SPLITS)])
