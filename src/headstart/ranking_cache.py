"""Rankings that were made before: the same data, models and options on the same machine give the one that is kept."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress

from headstart import __version__
from headstart.core.candidates import Candidates
from headstart.core.console import say
from headstart.core.dataset import Dataset
from headstart.core.errors import RunError
from headstart.core.ranking import Ranking, RankOptions
from headstart.core.runtime import cache_folder, cores
from headstart.data.fingerprint import fingerprint
from headstart.models.cards.candidates import expand

FORMAT = 2
"""Raise where the way of ranking changes, so that older results are not taken for new ones."""


def kept_ranking(dataset: Dataset, options: RankOptions, *, candidates: Candidates | None = None) -> Ranking:
    """The ranking of the candidates, those that the options name if none are given: from the cache, or made anew."""
    candidates = candidates or expand(
        options.models,
        everything=options.everything,
        limits=options.limits,
        modality=dataset.modality,
        needs=("pooled", "gradient"),  # a ranking is for fine-tuning, of which its short trainings are a sample
    )
    path = cache_folder() / "rankings" / f"{_key(dataset, candidates, options)}.json"
    if path.exists():
        with suppress(RunError):  # one that cannot be read is made again
            found = Ranking.read(path)
            say("this ranking was made before, of the same data, models and options")
            return found
    from headstart.ranking import rank

    found = rank(dataset, candidates, options)
    found.write(path)
    return found


def _key(dataset: Dataset, candidates: Candidates, options: RankOptions) -> str:
    """A hash of all that a ranking depends on."""
    parts = [
        FORMAT,
        __version__,
        cores(),
        fingerprint(dataset),
        hashlib.sha256(dataset.parts.tobytes()).hexdigest(),
        [card.to_json() for card in candidates.cards],
        [(each.id, each.why) for each in candidates.skipped],
        options.to_json(),
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
