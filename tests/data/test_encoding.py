from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.data.encoding import EncodingError, decode, encoding_of

GERMAN = "Größe, Füße und Äpfel – schön für die Mäuse.\n"
FRENCH = "Le château était fermé, hélas ; nous avons mangé une crêpe.\n"
CHINESE = "房间很干净，服务也不错，就是早餐差了一点。\n"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (GERMAN.encode(), "UTF-8"),
        (GERMAN.encode("utf-8-sig"), "UTF-8"),
        (GERMAN.encode("utf-16"), "UTF-16"),
        (GERMAN.encode("utf-16-le"), "UTF-16"),
        (GERMAN.encode("utf-16-be"), "UTF-16"),
        (codecs.BOM_UTF16_BE + GERMAN.encode("utf-16-be"), "UTF-16"),
        (GERMAN.encode("utf-32"), "UTF-32"),
        (GERMAN.encode("cp1252"), "Windows-1252"),
        (FRENCH.encode("cp1252"), "Windows-1252"),
        (CHINESE.encode("gb18030"), "GB18030"),
        (("label,text\n" + CHINESE).encode("gb18030"), "GB18030"),
        (CHINESE.encode(), "UTF-8"),
        (b"", "UTF-8"),
    ],
)
def test_encodings_are_recognised(content: bytes, name: str) -> None:
    text, found = decode(content)
    assert found == name
    assert text in (GERMAN, FRENCH, CHINESE, "label,text\n" + CHINESE, "")


def test_bytes_that_windows_does_not_know_are_latin_1() -> None:
    assert decode(b"caf\xe9 \x81") == ("café \x81", "Latin-1")


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"a\0b", bytes(range(256)) * 4, b"\xef\xbb\xbf\xff"]
)
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(EncodingError):
        encoding_of(content)


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")))
def test_what_is_utf_8_is_read_as_it_is(text: str) -> None:
    content = text.encode()
    if not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF8)):
        assert decode(content) == (text, "UTF-8")
