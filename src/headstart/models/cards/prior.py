"""What to expect of a pretrained model before any target data are looked at.

Published accuracy on ImageNet-1k goes with accuracy after transfer (r = 0.96 fine-tuned and 0.99 frozen over 16
networks and 12 data sets: Kornblith et al. 2019, "Do better ImageNet models transfer better?"), less so far from
everyday photos (Fang et al. 2023, "Does progress on ImageNet transfer to real-world datasets?"). Where no accuracy is
published, it is estimated from the number of weights, of pictures learnt from and of pixels in a picture, by least
squares in their logarithms through the catalogue's published accuracies, none of the three counting against a model.

Nothing here favours small models for small data: whether they do better is for the ranking to find out on the data. Of
models that the prior cannot tell apart, the smallest comes first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from headstart.core.candidates import Prior
from headstart.core.card import InputFacts, ModelCard
from headstart.models.cards.pretraining import UNKNOWN
from headstart.models.catalogue import catalogued

FloatArray = npt.NDArray[np.float64]

# Pictures, in round numbers, of sets whose name does not say it.
PICTURES = {
    "ImageNet-1k": 1.3e6,
    "ImageNet-12k": 12e6,
    "ImageNet-21k": 14e6,
    "Tiny-ImageNet": 1e5,
    "OpenAI's image-text pairs": 4e8,
    "DataComp-XL": 1.3e10,
    "WebLI": 1e10,
}
# Large, but of one part of the visual world: how many pictures it has says little about others.
NARROW = ("iNaturalist", "Places365", "SAT-493M", "CIFAR")
_NAMED = re.compile(r"-(\d+(?:\.\d+)?)([MB])$")
_FACTOR = {"M": 1e6, "B": 1e9}
# Accuracies closer than this are a tie: they differ by less than what the size of the pictures alone changes.
RESOLUTION = 0.01


class _Fit(NamedTuple):
    """Least squares: the coefficients, the inverse of the predictors' products, and the residual deviation."""

    coefficients: FloatArray
    inverse: FloatArray
    deviation: float


def prior_of(card: ModelCard) -> Prior:
    """The prior of one model. Nothing is loaded and no network is used."""
    if card.upstream_accuracy is not None:
        return Prior(score=card.upstream_accuracy, why=f"{card.upstream_accuracy:.1%} on ImageNet-1k, as published")
    if not card.pretrained_on:
        return Prior(score=None, why="it is not pretrained")
    learnt = _sources(card)
    named = ", ".join(learnt)
    predictors = _predictors(card)
    if predictors is None:
        return Prior(score=None, why=_unknown(learnt))
    fit = _fit()
    estimate = float(predictors @ fit.coefficients)
    error = fit.deviation * math.sqrt(1 + float(predictors @ fit.inverse @ predictors))
    return Prior(
        score=round(min(max(estimate, 0.0), 1.0), 4),
        why=f"no published accuracy; {(card.parameters or 0) / 1e6:.1f} M weights that learnt from {named} "
        f"({_count(pictures_of(learnt) or 0)} pictures) let expect {estimate:.0%} on ImageNet-1k, give or take "
        f"{max(error, RESOLUTION):.0%}",
        estimated=True,
    )


def _unknown(learnt: tuple[str, ...]) -> str:
    named = ", ".join(learnt)
    if learnt == (UNKNOWN,):
        return "no published accuracy, and what it has learnt from is not known"
    if any(name.startswith(NARROW) for name in learnt) and pictures_of(learnt) is None:
        return f"learnt from {named}, which is only a part of the visual world"
    if pictures_of(learnt) is None:
        return f"no published accuracy, and how many pictures {named} has is not known"
    return "no published accuracy, and its size is not known"


def by_prior(cards: Iterable[ModelCard]) -> tuple[tuple[ModelCard, ...], ...]:
    """Models in groups that the prior cannot tell apart, the best group first, those of unknown worth last.

    Within a group the smallest comes first.
    """
    groups: dict[float, list[ModelCard]] = {}
    for card in cards:
        score = prior_of(card).score
        place = -math.inf if score is None else round(score / RESOLUTION)
        groups.setdefault(place, []).append(card)
    return tuple(tuple(sorted(groups[place], key=_size)) for place in sorted(groups, reverse=True))


def pictures_of(learnt: Iterable[str]) -> float | None:
    """The number of pictures in the largest of several sets; None where none of them is known and broad."""
    known = [count for name in learnt if not name.startswith(NARROW) and (count := _pictures(name)) is not None]
    return max(known, default=None)


def _sources(card: ModelCard) -> tuple[str, ...]:
    told = (*card.ancestry, card.pretrained_on)
    return tuple(dict.fromkeys(name.strip() for text in told for name in text.split(",") if name.strip()))


def _pictures(name: str) -> float | None:
    found = _NAMED.search(name)
    return PICTURES.get(name) or (float(found[1]) * _FACTOR[found[2]] if found else None)


def _size(card: ModelCard) -> tuple[float, str]:
    return (math.inf if card.parameters is None else card.parameters, card.id)


def _count(pictures: float) -> str:
    for factor, word in ((1e9, "billion"), (1e6, "million")):
        if pictures >= factor:
            return f"{pictures / factor:.3g} {word}"
    return f"{pictures:,.0f}"


def _predictors(card: ModelCard) -> FloatArray | None:
    """What the estimate goes by; None where it is not known."""
    pictures = pictures_of(_sources(card))
    if card.parameters is None or pictures is None:
        return None
    height, width = (card.input if isinstance(card.input, InputFacts) else InputFacts()).size
    return np.asarray([1.0, *(math.log10(value) for value in (card.parameters, pictures, height * width))])


@lru_cache(maxsize=1)
def _fit() -> _Fit:
    from scipy.optimize import lsq_linear

    known = [
        (predictors, card.upstream_accuracy)
        for card in catalogued()
        if card.upstream_accuracy is not None and (predictors := _predictors(card)) is not None
    ]
    table = np.stack([predictors for predictors, _ in known])
    accuracies = np.asarray([accuracy for _, accuracy in known])
    inverse: FloatArray = np.linalg.inv(table.T @ table).astype(np.float64)
    # More of anything is never expected to be worse: within one family of models the catalogue holds only a few sizes.
    coefficients = lsq_linear(table, accuracies, bounds=([-np.inf, 0, 0, 0], np.inf)).x
    left = accuracies - table @ coefficients
    return _Fit(coefficients, inverse, float(np.sqrt(left @ left / (len(known) - table.shape[1]))))
