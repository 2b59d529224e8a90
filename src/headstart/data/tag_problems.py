"""Tags that are none, and data whose tags are not those of entities: said all at once."""

from __future__ import annotations

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError
from headstart.core.targets import NO_ENTITY
from headstart.data.sentences import Sentences
from headstart.data.tag_schemes import TagColumn

SHOWN = 5
HINT = (
    "Tags are O, or B- and I- (IOB), also E- and S- (BIOES, BMES, BILOU), and the entity's label; or the label alone."
)


def check_tags(sentences: Sentences, column: TagColumn, *, place: str) -> None:
    """Raise `DataError` for tags that no scheme has, with where they are, and for words that are all in entities."""
    problems = []
    for tag, words in list(column.unfit.items())[:SHOWN]:
        where = f"{sentences.text_of(int(words[0]))} of {place}, at '{sentences.words[int(words[0])]}'"
        times = "" if len(words) == 1 else f" and {len(words) - 1} more"
        problems.append(f"'{tag}' is no tag like the others ({where}{times}).")
    if len(column.unfit) > SHOWN:
        problems.append(f"Nor are {len(column.unfit) - SHOWN} other tags of {place}.")
    if column.scheme == "labels alone" and not column.unfit and (column.tags != NO_ENTITY).all():
        problems.append(
            f"Every word of {place} has a label, and none is outside of entities: these are classes of words "
            "(such as parts of speech), not entities."
        )
    if problems:
        raise DataError(problems, hint=HINT)


def check_entities(dataset: Dataset) -> Dataset:
    """Raise `DataError` where there is nothing to learn."""
    if not dataset.labels:
        raise DataError(f"No word of {dataset.source} is in an entity: all tags are O.")
    return dataset
