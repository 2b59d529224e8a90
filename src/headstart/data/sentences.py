"""Words that came one by one -> texts, and a data set of them with the tags of their words.

The words of a text are joined by one space. Where at least half of the words of a source are single characters of a
script without spaces (as in most Chinese data), they are joined by nothing, but for a space between two words of Latin
letters or digits of which one is longer than a character.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from headstart.core.dataset import Dataset, Indices, Part
from headstart.core.ledger import Event, Ledger
from headstart.core.targets import Entities, column_of
from headstart.data.tag_schemes import TagColumn, read_tags
from headstart.data.text_columns import TextColumn
from headstart.data.words import Words, spaceless

TASK = "token-classification"
NO_WORDS = "has no words"


@dataclass
class Sentences:
    """Texts word by word: `words` and `tags` of all one after the other, `names` and `lengths` text by text."""

    words: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)

    def add(self, name: str, words: Sequence[str], tags: Sequence[str]) -> None:
        """One more text; as many tags as words."""
        self.words += words
        self.tags += tags
        self.names.append(name)
        self.lengths.append(len(words))

    def read(self) -> TagColumn:
        """All tags as numbers."""
        starts = np.zeros(len(self.words), np.bool_)
        starts[self.firsts] = True
        return read_tags(self.tags, starts)

    @property
    def firsts(self) -> Indices:
        """int64 (N,): the place of each text's first word; every text has one."""
        return np.cumsum([0, *self.lengths[:-1]], dtype=np.int64)[: len(self.lengths)]

    def text_of(self, word: int) -> str:
        """The name of the text that a word is in."""
        return self.names[int(np.searchsorted(self.firsts, word, side="right")) - 1]


class NamedTexts(TextColumn):
    """Texts with names of their own, such as the line where each begins."""

    def __init__(self, texts: pa.Array, names: pa.Array, *, rows: Indices | None = None) -> None:
        super().__init__(texts, rows=rows)
        self.names = names

    def name(self, index: int) -> str:
        """The name."""
        name: str = self.names[int(self.rows[index])].as_py()
        return name

    def take(self, indices: Indices) -> NamedTexts:
        """The column of just these items, in this order."""
        return NamedTexts(self.texts.take(pa.array(indices)), self.names, rows=self.rows[indices])


def tagged_dataset(sentences: Sentences, column: TagColumn, *, source: str, events: Iterable[Event] = ()) -> Dataset:
    """The data set of texts whose words are tagged, and a line in the ledger for each text whose tags were repaired."""
    glued = written_without_spaces(sentences.words)
    texts: list[str] = []
    targets: list[Entities] = []
    for first, length in zip(sentences.firsts, sentences.lengths, strict=True):
        text, places = join_words(sentences.words[first : first + length], glued=glued)
        texts.append(text)
        targets.append(Entities(places, column.tags[first : first + length].copy()))
    repaired = np.flatnonzero(column.repaired)
    reason = f"its tags break the rules of {column.scheme}, and are read as conlleval reads them"
    broken = dict.fromkeys(sentences.text_of(int(word)) for word in repaired)
    found: list[Event] = [*events, *(("repaired", reason, name) for name in broken)]
    inputs = NamedTexts(pa.array(texts, pa.large_string()), pa.array(sentences.names, pa.large_string()))
    return entity_dataset(inputs, targets, labels=column.labels, source=source, events=found)


def entity_dataset(
    inputs: TextColumn, targets: list[Entities], *, labels: tuple[str, ...], source: str, events: Iterable[Event] = ()
) -> Dataset:
    """The data set of texts and the entities in them."""
    return Dataset(
        task=TASK,
        labels=labels,
        inputs=inputs,
        targets=column_of(targets),
        parts=np.full(len(targets), Part.UNASSIGNED, np.int8),
        source=source,
        ledger=Ledger.of(events),
    )


def written_without_spaces(words: Sequence[str]) -> bool:
    """Whether at least half of the words with letters are single characters of a script without spaces."""
    lettered = [word for word in words if any(map(str.isalpha, word))]
    return bool(lettered) and 2 * sum(len(word) == 1 and spaceless(word) for word in lettered) >= len(lettered)


def join_words(words: Sequence[str], *, glued: bool) -> tuple[str, Words]:
    """The text, and int32 (W, 2): where each word is in it. `glued` words have nothing between them."""
    pieces: list[str] = []
    places: list[tuple[int, int]] = []
    end = 0
    for place, word in enumerate(words):
        if place and not (glued and _joins(words[place - 1], word)):
            pieces.append(" ")
            end += 1
        pieces.append(word)
        places.append((end, end + len(word)))
        end += len(word)
    return "".join(pieces), np.array(places, np.int32).reshape(-1, 2)


def _joins(before: str, word: str) -> bool:
    single = len(before) == len(word) == 1
    return single or not (before[-1].isascii() and before[-1].isalnum() and word[0].isascii() and word[0].isalnum())
