"""The options of a ranking beside those of a fit."""

from __future__ import annotations

from headstart.core.options import FitOptions
from headstart.core.ranking import ALIKE, RankOptions, alike


def test_what_a_ranking_and_a_fit_share_is_complete() -> None:
    """The strategy of a ranking is that of its short trainings, and its budget has another end."""
    assert set(ALIKE) == RankOptions.model_fields.keys() & FitOptions.model_fields.keys() - {"strategy", "budget"}


def test_what_is_shared_goes_from_one_to_the_other_and_back() -> None:
    fit = FitOptions(metric="macro_f1", specificity=0.8, image_size=96, seed=3, precision="float32", test=0.3)
    ranking = RankOptions(**alike(fit))
    assert (ranking.metric, ranking.image_size, ranking.seed, ranking.test) == ("macro_f1", 96, 3, 0.3)
    assert FitOptions(**alike(ranking)) == fit
