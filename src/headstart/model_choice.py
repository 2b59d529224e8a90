"""What `fit --model auto` stands for: the best of the models that can be had here, by a short ranking on the data."""

from __future__ import annotations

from pathlib import Path

from headstart.choosing import DEFAULT_BUDGET
from headstart.core.candidates import Candidates
from headstart.core.card import ModelCard
from headstart.core.console import say
from headstart.core.dataset import Dataset
from headstart.core.modality import Modality
from headstart.core.options import FitOptions
from headstart.core.ranking import RankOptions, alike
from headstart.data.script import script_of
from headstart.models import default_for
from headstart.models.availability import DefaultModel, available
from headstart.models.cards.candidates import expand
from headstart.models.cards.listing import where
from headstart.models.catalogue import catalogue

SHARE = 0.3
"""Of the budget of a fit that finding the model may take. Not measured."""
LARGE = "large"
"""The size class that is only looked at where its models are on this machine already."""


def choose_model(dataset: Dataset, options: FitOptions, folder: Path) -> DefaultModel:
    """The model to fine-tune, and why; a ranking of several is left in `folder` as `ranking.json`.

    Candidates are what is in the cache, and the catalogue's first of each size class that the hub has; the bundled one
    stands in where nothing else can be had, which is said. Raises `ModelError` where there is none at all.
    """
    cards = _candidates(dataset.modality)
    if len(cards) < 2:
        return (
            default_for(dataset.modality, script_of(dataset))
            if not cards
            else DefaultModel(cards[0].id, "the only one that can be had here")
        )
    from headstart.ranking_cache import kept_ranking

    say(f"model: which of {len(cards)} suits the data best is found out by a short ranking")
    found = kept_ranking(dataset, _asked(options), candidates=Candidates(cards=tuple(cards)))
    found.write(folder / "ranking.json")
    told = next(reason.why for reason in found.reasons if reason.choice == "model")
    return DefaultModel(found.chosen, f"of {len(found.rows)} candidates: {told}; ranking.json has the numbers")


def _candidates(modality: Modality) -> list[ModelCard]:
    """Cards of what is in the cache, and of a few of the catalogue that the hub has."""
    first = {model for size, model in catalogue().defaults.items() if size != LARGE}
    cards = expand(modality=modality).cards
    reachable = {card.id for card in cards if card.id in first and available(*card.id.split("/", 1)) == "reachable"}
    return [card for card in cards if where(card) == "cached" or card.id in reachable]


def _asked(options: FitOptions) -> RankOptions:
    return RankOptions(budget=SHARE * (options.budget or DEFAULT_BUDGET), **alike(options))
