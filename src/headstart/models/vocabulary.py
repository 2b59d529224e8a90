"""Texts -> a tokenizer of their own: pieces of words, and of languages written without spaces the characters."""

from __future__ import annotations

from collections.abc import Iterable

from headstart.core.errors import DataError
from headstart.models.tokenizer import Tokenizer

PADDING, UNKNOWN, START, END, MASK = SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
"""In the order of their ids."""
MOST_CHARACTERS = 0.9
"""The share of a vocabulary that single characters may take: rarer ones are unknown, so that there is room for words."""
LEAST_OFTEN = 2


def tokenizer_of(texts: Iterable[str], *, size: int) -> Tokenizer:
    """A WordPiece tokenizer (Wu et al. 2016) of at most `size` tokens, in lower case, with BERT's special tokens.

    Chinese characters stand alone. Raises `DataError` where the texts have nothing in them to learn from.
    """
    from tokenizers import Tokenizer as Library
    from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers

    library = Library(models.WordPiece(unk_token=UNKNOWN))
    library.normalizer = normalizers.BertNormalizer(lowercase=True, handle_chinese_chars=True)
    library.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=size,
        min_frequency=LEAST_OFTEN,
        limit_alphabet=max(int(MOST_CHARACTERS * size) - len(SPECIAL), 1),
        special_tokens=list(SPECIAL),
        show_progress=False,
    )
    library.train_from_iterator(texts, trainer)
    if library.get_vocab_size() <= len(SPECIAL):
        raise DataError("The texts hold no words: there is nothing to build a vocabulary from.")
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
