"""Tags of words (`NO_ENTITY`, 1 + 2l where an entity of label l begins, 2 + 2l where it goes on) <-> spans of words."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.core.targets import NO_ENTITY

Tags = npt.NDArray[np.int32]
Spans = npt.NDArray[np.int32]


def spans_of(tags: npt.NDArray[Any]) -> Spans:
    """int32 (E, 3): the first word of each entity, the word after its last, and its label, of legal tags (W,)."""
    begins = np.flatnonzero(tags % 2 == 1)
    stops = np.append(np.flatnonzero((tags % 2 == 1) | (tags == NO_ENTITY)), len(tags))
    ends = stops[np.searchsorted(stops, begins, side="right")]
    return np.stack([begins, ends, (tags[begins] - 1) // 2], axis=1).astype(np.int32)


def tags_of(spans: npt.NDArray[Any], *, words: int) -> Tags:
    """int32 (W,): the tags of so many words, of spans (E, 3) that do not overlap."""
    tags = np.full(words, NO_ENTITY, np.int32)
    for first, end, label in np.asarray(spans, np.int64).reshape(-1, 3):
        tags[first:end] = 2 + 2 * label
        tags[first] = 1 + 2 * label
    return tags


def follows(tags: npt.NDArray[Any], before: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Whether a tag may stand behind another: what goes on has to have begun."""
    going_on = (tags > NO_ENTITY) & (tags % 2 == 0)
    return np.asarray(~going_on | (before == tags) | (before == tags - 1))


def legal(tags: npt.NDArray[Any]) -> bool:
    """Whether tags (W,) are those of entities."""
    before = np.concatenate([[NO_ENTITY], tags[:-1]])
    return bool(follows(np.asarray(tags), before).all())


def tag_names(labels: tuple[str, ...]) -> tuple[str, ...]:
    """What tags are called in IOB2: `O`, then `B-` and `I-` of each label."""
    return ("O", *(f"{prefix}-{label}" for label in labels for prefix in "BI"))
