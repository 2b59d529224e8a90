from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.errors import DataError
from headstart.data.encoding import EncodingError, decode, encoding_of, read_text

GERMAN = "Größe, Füße und Äpfel – schön für die Mäuse.\n"
FRENCH = "Le château était fermé, hélas ; nous avons mangé une crêpe.\n"
LATIN = (
    "été",
    "Où ça ? À côté, là-bas.",
    "«Ça y est», dit-il à l'élève – il n'a que 5 €…",
    "l'été,1\nl'hiver,0\n",
    "L'ÉTÉ À L'ÎLE D'YEU ÉTAIT TRÈS BEAU",
    "créé",
    "Gemäß der Vorgabe",
    "Otepää, Náà",
    "créée, aînée, naïve et œuvre",
    "Öl",
    "Er hört „Ööö“ und sagt: »Übel!«",
    "schön,gut\nübel,schlecht\n",
    "STRAßENBAHN, ÄRGER, ÖL, ÜBUNG",
    "Él es él.",
    "él dijo sí",
    "¿Él? ¡Ésa, ésa!",
    "El niño comió jamón y bebió en el año 2020.",
    "¡Qué película más aburrida! ¿Y el guión?",
    "är",
    "år och år",
    "På ön är öl och ål en läckerhet.",
    "åäö,1\nÅÄÖ,0\n",
    "às",
    "ação, não, às três, pão é bom",
    "A história não é má, mas também não é ótima.",
    "L’œuvre coûte 10 £ – voilà…",
    "“Quoted” — and ‘so on’…",
    "naïve,1\n",
)
TRADITIONAL = "這個產品非常好，我們很滿意,pos\n不好，壞了，沒有說明書,neg\n"
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


@pytest.mark.parametrize("text", LATIN)
def test_accents_are_not_taken_for_chinese(text: str) -> None:
    assert decode(text.encode("cp1252")) == (text, "Windows-1252")
    lines = ("text,label\n" + f"{text},1\n" * 50).encode("cp1252")
    assert encoding_of(lines) == "cp1252"


def test_all_accented_lines_together_are_not_chinese() -> None:
    assert encoding_of("\n".join(LATIN).encode("cp1252")) == "cp1252"


@pytest.mark.parametrize("before", ["", "text,label\n", "plain," * 20_000 + "\n"])
def test_chinese_in_traditional_characters_and_behind_much_ascii(before: str) -> None:
    for chinese in (TRADITIONAL, CHINESE):
        text = before + chinese * 3
        assert decode(text.encode("gb18030")) == (text, "GB18030")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            ("房间很干净,好\n早餐差了,差\n" * 500).encode() + b"\xff,x\n",
            "it is UTF-8 but for the byte 0xff in line 1001",
        ),
        (GERMAN.encode() + b"\xe4\n", "it is UTF-8 but for the byte 0xe4 in line 2"),
        (b"\xff" + GERMAN.encode().replace(b"\n", b"\r\n"), "it is UTF-8 but for the byte 0xff in line 1"),
        (GERMAN.encode().replace(b"\n", b"\r") * 2 + b"\xc3", "it is UTF-8 but for the byte 0xc3 in line 3"),
        ((CHINESE * 3).encode("gb18030") + b"\xff\n", "it is GB18030 but for the byte 0xff in line 4"),
        ((TRADITIONAL * 3).encode("gb18030") + b"\xc4\n" * 2, "it is GB18030 but for the byte 0xc4 in line 7"),
        (b"\xef\xbb\xbfa\n\xff", "it is marked as UTF-8, but is not: the byte 0xff in line 2"),
    ],
)
def test_a_few_damaged_bytes_do_not_make_another_encoding(content: bytes, problem: str) -> None:
    with pytest.raises(EncodingError, match=problem):
        encoding_of(content)


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "iso8859-5"])
def test_russian_is_not_called_damaged_chinese(encoding: str) -> None:
    russian = "Отель нам очень понравился, завтрак был вкусный, а персонал вежливый и внимательный.\n" * 5
    assert encoding_of(russian.encode(encoding)) == "cp1252"


def test_many_bytes_that_do_not_fit_make_another_encoding() -> None:
    assert encoding_of("Ã©".encode("cp1252") * 3 + b"\xe4 ") == "cp1252"
    assert encoding_of((FRENCH + GERMAN).encode("cp1252") + "é".encode()) == "cp1252"


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


def test_a_file_is_read_or_its_trouble_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("größer".encode("utf-16"))
    assert read_text(tmp_path / "a.txt") == ("größer", "UTF-16")
    (tmp_path / "b.txt").write_bytes(b"\0\1\2")
    with pytest.raises(DataError, match="b.txt is not text"):
        read_text(tmp_path / "b.txt")
    with pytest.raises(DataError, match="none.txt cannot be read"):
        read_text(tmp_path / "none.txt")
