"""Bytes of a text file -> text, whatever it was saved as: UTF-8, UTF-16, UTF-32, GB18030 or Windows-1252."""

from __future__ import annotations

import codecs
import re
from functools import cache
from pathlib import Path

from headstart.core.errors import DataError

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
"""The share of the characters beyond ASCII that are common Chinese ones, and not inside a Latin word, from which on
bytes are taken for Chinese. Two accented letters side by side may look like a Chinese one, but then in the middle of a
word."""
RUN = 4
"""From this many characters beyond ASCII in a row on, those that only traditional writing has count as common: an
accented letter and a plain one have the bytes of such a character, as in the Swedish for `is` and the Spanish for `he`,
but hardly ever this many pairs of them in a row."""
INTACT = 4
"""The characters beyond ASCII for each damaged place from which on a file is damaged, and not in another encoding."""
FREQUENT_HAN = frozenset("的一是不了我人在有这這个個们們中来來上大为為和国國到以说說时時要会會可也你对對能好很没沒就得")
FREQUENT_SHARE = 0.03
"""The share of these from which on damaged bytes are taken for Chinese: a fifth of a text are of them, but hardly a
hundredth of the characters that pairs of Cyrillic or Greek letters look like."""
REPLACED = "\ufffd"
ZEROS = 0.2
"""The share of zero bytes in one half of the places from which on UTF-16 is assumed where nothing marks it."""


UTF8_HINT = "Save the file as UTF-8 text."


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
    _check_damage(content, "utf-8")
    if _decodes(content, "gb18030") and _is_chinese(content.decode("gb18030")):
        return "gb18030"
    _check_damage(content, "gb18030")
    return "cp1252" if _decodes(content, "cp1252") else "latin-1"


def read_text(path: Path) -> tuple[str, str]:
    """The text of a file, and what people call its encoding. Raises `DataError` for what cannot be read or is none."""
    try:
        return decode(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
    except EncodingError as error:
        raise DataError(f"{path} is not text: {error}.", hint=UTF8_HINT) from error


def decode(content: bytes) -> tuple[str, str]:
    """The text, and what people call its encoding. Raises `EncodingError` for what is no text."""
    name = encoding_of(content)
    return content.decode(name), NAMES[name]


def _checked(content: bytes, name: str) -> str:
    try:
        content.decode(name)
    except UnicodeDecodeError as error:
        place = f": {_place(error)}" if NAMES[name] == "UTF-8" else ""
        raise EncodingError(f"it is marked as {NAMES[name]}, but is not{place}") from error
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


def _check_damage(content: bytes, name: str) -> None:
    """Raise `EncodingError` for bytes that are UTF-8 or GB18030 but for a few of them."""
    try:
        content.decode(name)
    except UnicodeDecodeError as error:
        text = content.decode(name, "replace")
        damaged = text.count(REPLACED) - content.count(REPLACED.encode(name))
        intact = len(text) - len(text.encode("ascii", "ignore")) - damaged
        if intact < INTACT * damaged or (name == "gb18030" and not _is_surely_chinese(text, intact)):
            return
        raise EncodingError(f"it is {NAMES[name]} but for {_place(error)}") from error


def _place(error: UnicodeDecodeError) -> str:
    """The first byte that does not fit, and its line."""
    line = len(error.object[: error.start + 1].splitlines())
    return f"the byte 0x{error.object[error.start]:02x} in line {line}"


def _is_surely_chinese(text: str, beyond: int) -> bool:
    frequent = sum(map(text.count, FREQUENT_HAN))
    return frequent >= FREQUENT_SHARE * beyond and _is_chinese(text)


def _is_chinese(text: str) -> bool:
    """Whether most of the characters beyond ASCII are common Chinese ones."""
    first = re.search(r"[A-Za-z]?[^\x00-\x7f]", text)
    if first is None:
        return False
    sample = text[first.start() : first.start() + SAMPLE].replace(REPLACED, " ")
    beyond = len(sample) - len(sample.encode("ascii", "ignore"))
    alone = re.sub(r"[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]", " ", sample)
    runs = re.findall(r"[^\x00-\x7f]+", alone)
    common = sum(_lead(letter, "gb2312") > 0 for run in runs for letter in run)
    common += sum(_is_only_traditional(letter) for run in runs if len(run) >= RUN for letter in run)
    return common >= COMMON_HAN * beyond


@cache
def _is_only_traditional(letter: str) -> bool:
    """Whether it is one of the frequent characters that Big5 has first, and not in GB 2312."""
    return not _lead(letter, "gb2312") and 0xA4 <= _lead(letter, "big5") <= 0xC6


@cache
def _lead(letter: str, name: str) -> int:
    """The first byte of a character; 0 where the encoding lacks it."""
    try:
        return letter.encode(name)[0]
    except UnicodeEncodeError:
        return 0
