"""A text as it is stored -> the text that a model reads, and what identifies it."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from xxhash import xxh3_128, xxh3_128_digest

from headstart.core.errors import DataError
from headstart.data.encoding import EncodingError, decode

Text = str | tuple[str, str]
"""One text, or a pair of texts that belong together."""
BETWEEN = "\x1f"
"""Stands between the texts of a pair where they have to be one string."""
_WORD = re.compile(r"\w+")


class TextError(DataError):
    """A text that cannot be used: `kind` is a word, `reason` half a sentence."""

    def __init__(self, kind: str, reason: str) -> None:
        self.kind, self.reason = kind, reason
        super().__init__(reason)


def is_pair(raw: Any) -> bool:
    """Whether what a column holds is a pair of texts."""
    return isinstance(raw, (tuple, list))


def text_of(raw: Any) -> Text:
    """The text of what a column holds. Raises `TextError` where that is empty, or no text."""
    if is_pair(raw):
        first, second = (_one(part) for part in raw)
        return first, second
    return _one(raw)


def encoding_name(raw: Any) -> str:
    """What people call the encoding of stored bytes; UTF-8 for what is a string already."""
    return decode(raw)[1] if isinstance(raw, bytes) else "UTF-8"


def joined(text: Text) -> str:
    """A pair as one string."""
    return text if isinstance(text, str) else BETWEEN.join(text)


def content_hash(text: Text) -> bytes:
    """16 bytes that identify a text: a hash of its characters, whatever the file was encoded in."""
    if isinstance(text, str):
        return xxh3_128_digest(text.encode("utf-8", "surrogatepass"))
    hashed = xxh3_128(b"pair")
    for part in text:
        encoded = part.encode("utf-8", "surrogatepass")
        hashed.update(len(encoded).to_bytes(8, "little"))
        hashed.update(encoded)
    return hashed.digest()


def likeness_hash(text: Text) -> bytes:
    """16 bytes that are the same for texts that differ in case, spaces, punctuation or forms of characters only."""
    parts = (text,) if isinstance(text, str) else text
    plain = [" ".join(_WORD.findall(unicodedata.normalize("NFKC", part).casefold())) for part in parts]
    return content_hash(text) if not any(plain) else xxh3_128_digest(BETWEEN.join(plain).encode())


def _one(raw: Any) -> str:
    if isinstance(raw, bytes):
        try:
            text = decode(raw)[0]
        except EncodingError as error:
            raise TextError("no text", f"no text: {error}") from error
    elif isinstance(raw, str):
        # Half a surrogate pair, as JSON may hold it, is no character: tokenisers refuse it.
        text = raw if raw.isascii() else raw.encode("utf-8", "replace").decode()
    else:
        raise TextError("no text", f"no text, but a {type(raw).__name__}")
    if not text.strip():
        raise TextError("empty", "an empty text")
    return text
