"""The tokenizer of a text model: text -> windows of token ids. It is one JSON file, and travels in every saved run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from headstart.core.errors import ModelError
from headstart.models.files.folder import read_config
from headstart.models.foreign_errors import in_short

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from tokenizers import Tokenizer as Library

FILE = "tokenizer.json"
FILES = (FILE, "vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model", "tokenizer.model")
LONGEST = 512
"""Tokens of a window at most: time and memory grow with the square of it, and windows are averaged anyway."""
UNHEARD_OF = "a \U0010fffd"
"""A text that no tokenizer knows all of."""
BEHIND_PADDING = frozenset(
    {"camembert", "data2vec-text", "ibert", "longformer", "roberta", "roberta-prelayernorm"}
    | {"xlm-roberta", "xlm-roberta-xl", "xmod"}
)
"""Types that count positions from behind the padding token's id, and so need more of them."""
Window: TypeAlias = "npt.NDArray[np.int32]"
"""int32 (2, T): ids of the tokens, and their types (which text of a pair they belong to)."""


class Tokenizer:
    """A fast tokenizer, known by its JSON."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def fingerprint(self) -> str:
        """32 hexadecimal digits that change with the tokenizer."""
        return hashlib.blake2b(self.text.encode(), digest_size=16).hexdigest()

    def windows(self, texts: Sequence[str | tuple[str, str]], *, length: int) -> list[list[Window]]:
        """Every text as windows of at most `length` tokens, special ones included; a short text has one.

        Of pairs that are too long, each window has a part of both texts, or the whole of one that takes less than half
        of it; there are as many windows as the text with more parts needs.
        """
        singles = [text for text in texts if isinstance(text, str)]
        encoded = iter(_library(self.text, length).encode_batch(singles))
        pairs = iter(_library(self.text, None).encode_batch([text for text in texts if not isinstance(text, str)]))
        return [
            [_window(part) for part in (whole, *whole.overflowing)] if isinstance(text, str) else _pair(whole, length)
            for text in texts
            for whole in [next(encoded if isinstance(text, str) else pairs)]
        ]

    def placed_windows(
        self, texts: Sequence[str], *, length: int, overlap: int
    ) -> list[list[tuple[Window, npt.NDArray[np.int32]]]]:
        """The same of single texts with overlaps of so many tokens, and int32 (T, 2): each token's place in the text.

        A place is where the token's characters start and end; special tokens have none, and -1 stands for it.
        """
        encoded = _library(self.text, length, overlap).encode_batch(list(texts))
        return [[(_window(part), _places(part)) for part in (whole, *whole.overflowing)] for whole in encoded]

    def __deepcopy__(self, memo: dict[int, Any]) -> Tokenizer:
        """Nothing in it ever changes."""
        return self


def read_tokenizer(folder: Path, *, model: str) -> Tokenizer:
    """The tokenizer of a model's folder. Raises `ModelError` where it has none that runs without Python code."""
    from transformers import AutoTokenizer

    if not any((folder / name).is_file() for name in FILES):
        # The library would make up a tokenizer that knows no words.
        raise ModelError(f"{model} has no tokenizer.", hint=f"Its folder needs one of: {', '.join(FILES)}.")
    try:
        found = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:
        # Whatever fails in there, it is the files that came from outside that made it fail.
        raise ModelError(f"The tokenizer of {model} cannot be read: {in_short(error)}.") from error
    library = getattr(found, "backend_tokenizer", None)
    if library is None:
        raise ModelError(f"The tokenizer of {model} is Python code of its own; Headstart needs a {FILE}.")
    return parse_tokenizer(library.to_str(), place=model)


def parse_tokenizer(text: str, *, place: str) -> Tokenizer:
    """The tokenizer of a JSON text. Raises `ModelError` where it is none."""
    try:
        _library(text, LONGEST).encode(UNHEARD_OF)  # one that lacks its token for the unknown fails only here
    except Exception as error:
        raise ModelError(f"The {FILE} of {place} is not a tokenizer: {in_short(error)}.") from error
    return Tokenizer(text)


def check_tokens(tokenizer: Tokenizer, *, known: int, model: str) -> None:
    """Raise `ModelError` where a tokenizer makes tokens beyond those that its network knows.

    Tokens that were added by name may be beyond: texts do not hold them.
    """
    made = _library(tokenizer.text, None).get_vocab_size(with_added_tokens=False)
    if made > known:
        raise ModelError(
            f"The tokenizer of {model} makes {made:,} different tokens, of which its network knows {known:,}.",
            hint="Are both from the same model?",
        )


def length_of(folder: Path, config: dict[str, Any]) -> int:
    """The tokens of a window: as many as the model was made for, at most 512."""
    found = [LONGEST]
    for name, key in (("sentence_bert_config.json", "max_seq_length"), ("tokenizer_config.json", "model_max_length")):
        if (folder / name).is_file():
            found.append(_number(read_config(folder, name).get(key)))
    positions = _number(config.get("max_position_embeddings"))
    unused = unused_positions(str(config.get("model_type")), padding=_number(config.get("pad_token_id")))
    # What is like RoBERTa under a name that is not known here has two positions more than it is made for.
    found.append(positions - (unused or 2 * (positions % 2**8 == 2)))
    return min(number for number in found if number > 2)


def unused_positions(kind: str, *, padding: int) -> int:
    """How many of its first positions a model type gives to no token, where the padding token has this id."""
    if kind == "mpnet":  # whatever the config says
        return 2
    return padding + 1 if kind in BEHIND_PADDING else 0


def _number(value: Any) -> int:
    return int(value) if isinstance(value, (int, float)) and 0 < value < 2**31 else 0


@lru_cache(maxsize=8)
def _library(text: str, length: int | None, overlap: int = 0) -> Library:
    from tokenizers import Tokenizer as Library

    library = Library.from_str(text)
    library.no_padding()  # what a file asks for would pad or cut every text as its author had it
    if length is None:
        library.no_truncation()
    else:
        library.enable_truncation(length, stride=overlap)
    return library


def _window(encoding: Any) -> Window:
    import numpy as np

    return np.array([encoding.ids, encoding.type_ids], np.int32)


def _pair(encoding: Any, length: int) -> list[Window]:
    """The windows of a pair. The library would combine every part of one text with every one of the other."""
    import numpy as np

    window = _window(encoding)
    if window.shape[1] <= length:
        return [window]
    owner = np.array([-1 if side is None else side for side in encoding.sequence_ids])
    first, second = (np.flatnonzero(owner == side) for side in (0, 1))
    room = max(length - int((owner < 0).sum()), 2)
    least = [room - room // 2, room // 2]
    widths = [max(own, room - len(other)) for own, other in zip(least, (second, first), strict=True)]
    parts = [
        [side[start : start + width] for start in range(0, max(len(side), 1), width)]
        for side, width in zip((first, second), widths, strict=True)
    ]
    number = max(map(len, parts))
    chosen = ([side[place * len(side) // number] for side in parts] for place in range(number))
    special = np.flatnonzero(owner < 0)
    return [window[:, np.sort(np.concatenate([special, *both]))] for both in chosen]


def _places(encoding: Any) -> npt.NDArray[np.int32]:
    import numpy as np

    places = np.array(encoding.offsets, np.int32).reshape(-1, 2)
    places[np.array(encoding.special_tokens_mask, np.bool_)] = -1
    return places
