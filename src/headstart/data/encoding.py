"""Bytes of a text file -> text, whatever it was saved as: UTF-8, UTF-16, UTF-32, GB18030 or Windows-1252."""

from __future__ import annotations

import codecs
import re

MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte-order marks; that of UTF-32 begins with that of UTF-16."""
NAMES = {
    "utf-8-sig": "UTF-8",
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "gb18030": "GB18030",
    "cp1252": "Windows-1252",
    "latin-1": "Latin-1",
}
SAMPLE = 1 << 16
COMMON_HAN = 0.7
"""The share of the characters beyond ASCII that are of GB 2312, and not inside a Latin word, from which on bytes are
taken for Chinese. Two accented letters side by side may look like a Chinese one, but then in the middle of a word."""
ZEROS = 0.2
"""The share of zero bytes in one half of the places from which on UTF-16 is assumed where nothing marks it."""


class EncodingError(ValueError):
    """The bytes are no text in any encoding that is known."""


def encoding_of(content: bytes) -> str:
    """The name, for `bytes.decode`, of the encoding of a whole file. Raises `EncodingError` for what is no text."""
    for mark, name in MARKS:
        if content.startswith(mark):
            return _checked(content, name)
    if _decodes(content, "utf-8"):
        if b"\0" in content:
            return _unmarked_utf16(content)
        return "utf-8"
    if b"\0" in content[:SAMPLE]:
        return _unmarked_utf16(content)
    if _is_chinese(content):
        return "gb18030"
    return "cp1252" if _decodes(content, "cp1252") else "latin-1"


def decode(content: bytes) -> tuple[str, str]:
    """The text, and what people call its encoding. Raises `EncodingError` for what is no text."""
    name = encoding_of(content)
    return content.decode(name), NAMES[name]


def _checked(content: bytes, name: str) -> str:
    if not _decodes(content, name):
        raise EncodingError(f"it is marked as {NAMES[name]}, but is not")
    return name


def _decodes(content: bytes, name: str) -> bool:
    try:
        content.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _unmarked_utf16(content: bytes) -> str:
    """UTF-16 without its mark has a zero in every other place wherever a text has letters of ASCII."""
    sample = content[:SAMPLE]
    half = max(len(sample) // 2, 1)
    for name, zeros in (("utf-16-le", sample[1::2].count(0)), ("utf-16-be", sample[0::2].count(0))):
        if zeros > ZEROS * half and zeros > 2 * (sample.count(0) - zeros) and _decodes(content, name):
            return name
    raise EncodingError("it holds zero bytes, as no text does")


def _is_chinese(content: bytes) -> bool:
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        return False
    sample = text[:SAMPLE]
    beyond = sum(letter > "\x7f" for letter in sample)
    alone = re.sub(r"[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]", "", sample)
    common = sum(letter > "\x7f" and _in_gb2312(letter) for letter in alone)
    return bool(beyond) and common >= COMMON_HAN * beyond


def _in_gb2312(letter: str) -> bool:
    try:
        letter.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
