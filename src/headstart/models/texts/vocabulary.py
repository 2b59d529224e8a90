"""Texts -> a tokenizer of their own: pieces of words, and of languages written without spaces the characters."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

from headstart.core.errors import DataError
from headstart.models.texts.tokenizer import Tokenizer

PADDING, UNKNOWN, START, END, MASK = SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
"""In the order of their ids."""
INSIDE = "##"
"""Marks a piece that does not begin a word."""
MOST_CHARACTERS = 0.9
"""The share of a vocabulary that single characters may take: rarer ones are unknown, which leaves room for words."""
LEAST_OFTEN = 2
Pair = tuple[str, str]


def tokenizer_of(texts: Iterable[str], *, size: int) -> Tokenizer:
    """A WordPiece tokenizer (Wu et al. 2016) of at most `size` tokens, in lower case, with BERT's special tokens.

    Chinese characters stand alone. The same texts give the same tokenizer, which the library's own trainer does not
    promise. Raises `DataError` where the texts have nothing in them to learn from.
    """
    from tokenizers import Tokenizer as Library
    from tokenizers import decoders, models, normalizers, pre_tokenizers, processors

    normalizer = normalizers.BertNormalizer(lowercase=True, handle_chinese_chars=True)
    splitter = pre_tokenizers.BertPreTokenizer()
    words: Counter[str] = Counter()
    for text in texts:
        words.update(word for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(text)))
    pieces = pieces_of(words, size=size - len(SPECIAL))
    if not pieces:
        raise DataError("The texts hold no words: there is nothing to build a vocabulary from.")
    vocabulary = {token: place for place, token in enumerate([*SPECIAL, *pieces])}
    library = Library(models.WordPiece(vocabulary, unk_token=UNKNOWN))
    library.normalizer = normalizer
    library.pre_tokenizer = splitter
    library.add_special_tokens(list(SPECIAL))
    library.post_processor = processors.TemplateProcessing(
        single=f"{START} $A {END}",
        pair=f"{START} $A {END} $B:1 {END}:1",
        special_tokens=[(START, SPECIAL.index(START)), (END, SPECIAL.index(END))],
    )
    library.decoder = decoders.WordPiece()
    return Tokenizer(library.to_str())


def size_of(tokenizer: Tokenizer) -> int:
    """How many tokens a tokenizer knows."""
    from tokenizers import Tokenizer as Library

    return int(Library.from_str(tokenizer.text).get_vocab_size())


def pieces_of(words: Mapping[str, int], *, size: int) -> list[str]:
    """At most `size` pieces: characters by how often they occur, then neighbours put together, the commonest first.

    (Sennrich et al. 2016.) Of what occurs equally often, the first in the order of characters comes first.
    """
    split = {word: _characters(word) for word in words}
    counts: Counter[str] = Counter()
    for word, pieces in split.items():
        for piece in pieces:
            counts[piece] += words[word]
    often = [
        piece for piece, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])) if count >= LEAST_OFTEN
    ]
    found = dict.fromkeys(often[: max(int(MOST_CHARACTERS * size), 1)])
    merges = _Merges({word: pieces for word, pieces in split.items() if all(piece in found for piece in pieces)}, words)
    while len(found) < size and (merged := merges.next()) is not None:
        found[merged] = None
    return list(found)


def _characters(word: str) -> list[str]:
    return [word[:1], *(INSIDE + character for character in word[1:])]


class _Merges:
    """Pieces that stand side by side, put together one pair after the other."""

    def __init__(self, split: dict[str, list[str]], words: Mapping[str, int]) -> None:
        self._split, self._words = split, words
        self._counts: Counter[Pair] = Counter()
        self._places: dict[Pair, set[str]] = defaultdict(set)
        for word in split:
            self._count(word, 1)
        self._heap = [(-count, pair) for pair, count in self._counts.items()]
        heapq.heapify(self._heap)

    def next(self) -> str | None:
        """The piece that the commonest pair becomes; None where no pair occurs twice."""
        while self._heap:
            negative, pair = heapq.heappop(self._heap)
            count = self._counts[pair]
            if count < LEAST_OFTEN:
                continue
            if count != -negative:  # it has become rarer since
                heapq.heappush(self._heap, (-count, pair))
                continue
            return self._merge(pair)
        return None

    def _merge(self, pair: Pair) -> str:
        whole = pair[0] + pair[1].removeprefix(INSIDE)
        changed: set[Pair] = set()
        for word in sorted(self._places[pair]):
            self._count(word, -1)
            self._split[word] = _joined(self._split[word], pair, whole)
            self._count(word, 1)
            changed |= {neighbours for neighbours in pairwise(self._split[word]) if whole in neighbours}
        for neighbours in changed:
            heapq.heappush(self._heap, (-self._counts[neighbours], neighbours))
        return whole

    def _count(self, word: str, sign: int) -> None:
        for pair in pairwise(self._split[word]):
            self._counts[pair] += sign * self._words[word]
            if sign > 0:
                self._places[pair].add(word)
            else:
                self._places[pair].discard(word)


def _joined(pieces: list[str], pair: Pair, whole: str) -> list[str]:
    found: list[str] = []
    place = 0
    while place < len(pieces):
        together = tuple(pieces[place : place + 2]) == pair
        found.append(whole if together else pieces[place])
        place += 2 if together else 1
    return found
