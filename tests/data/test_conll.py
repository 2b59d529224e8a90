from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.dataset import Part
from headstart.core.errors import DataError
from headstart.data.conll import READER, looks_like_columns
from headstart.data.looking import look_at
from headstart.data.reader import ReadOptions
from headstart.data.reading import choose_reader, read
from headstart.profiling import profile
from tests.data.pictures import items_of
from tests.data.tagged import entities_of, reasons, texts_of

DEFAULT = ReadOptions()
PLAIN = "Ada B-PER\nLovelace I-PER\nsaw O\nParis B-LOC\n\nRain O\nfell O\n"


def written(folder: Path, content: str | bytes, name: str = "data.conll") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("change", ["none", "tabs", "crlf", "lone cr", "bom", "utf-16", "spaces behind", "blank tabs"])
def test_however_it_is_saved(tmp_path: Path, change: str) -> None:
    changed = {
        "tabs": PLAIN.replace(" ", "\t"),
        "crlf": PLAIN.replace("\n", "\r\n"),
        "lone cr": PLAIN.replace("\n", "\r"),
        "bom": b"\xef\xbb\xbf" + PLAIN.encode(),
        "utf-16": PLAIN.encode("utf-16"),
        "spaces behind": PLAIN.replace("\n", "  \n"),
        "blank tabs": PLAIN.replace(" ", "\t").replace("\n\n", "\n\t\n"),
    }.get(change, PLAIN)
    path = written(tmp_path, changed)
    assert choose_reader(path, DEFAULT)[0] is READER
    dataset = read(path, DEFAULT)
    assert (dataset.task, dataset.labels) == ("token-classification", ("LOC", "PER"))
    assert texts_of(dataset) == ["Ada Lovelace saw Paris", "Rain fell"]
    assert entities_of(dataset, 0) == [("PER", "Ada Lovelace"), ("LOC", "Paris")]
    assert entities_of(dataset, 1) == []
    assert [dataset.inputs.name(place) for place in (0, 1)] == ["line 1", "line 6"]
    assert reasons(dataset) == (["converted: its bytes were read as UTF-16"] if change == "utf-16" else [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "lone cr"])
@pytest.mark.parametrize("shift", [0, 1, 5, 6])
def test_a_long_file_is_known_by_its_beginning(tmp_path: Path, encoding: str, shift: int) -> None:
    content = f"{'A' * (shift + 1)} B-PER\n\U0002000b\U0002000b\U0002000b O\n\n房间 O\n" + "房间𠀋 O\n\n" * 9000
    if encoding == "lone cr":
        content, encoding = content.replace("\n", "\r"), "utf-8"
    found = READER.sniff(written(tmp_path, content.encode(encoding), "a.txt"))
    assert found == "a.txt holds words and their tags"


@pytest.mark.parametrize("times", [1, 9000])
def test_a_damaged_file_is_known_and_its_damage_named(tmp_path: Path, times: int) -> None:
    content = "房间很干净 B-PER\n".encode() + b"\xff O\n" + b"saw O\n\n" * times
    path = written(tmp_path, content, "a.txt")
    assert choose_reader(path, DEFAULT)[0] is READER
    with pytest.raises(DataError, match="it is UTF-8 but for the byte 0xff in line 2"):
        read(path, DEFAULT)


@pytest.mark.parametrize("name", ["a.bio", "a.iob2", "a.txt", "a.tsv"])
def test_by_its_name_or_by_what_is_in_it(tmp_path: Path, name: str) -> None:
    assert "holds words and their tags" in (READER.sniff(written(tmp_path, PLAIN, name)) or "")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("text\tlabel\na good film\tpos\nbad\tneg\n", "a.tsv"),
        ("A review of O\nmany words\n", "a.txt"),
        ("text,label\na,O\nb,B-PER\n", "a.csv"),
        ("", "a.txt"),
        ("The DT\ndog NN\n", "a.txt"),
    ],
)
def test_what_looks_alike_and_is_not(tmp_path: Path, content: str, name: str) -> None:
    assert READER.sniff(written(tmp_path, content, name)) is None
    assert READER.sniff("hub/name") is None


def test_several_columns_documents_and_comments(tmp_path: Path) -> None:
    content = (
        "-DOCSTART- -X- -X- O\n\n# id = 1\nEU NNP B-NP I-ORG\nrejects VBZ B-VP O\n\n"
        "# sent 2 of 3 O\nBonn NNP B-NP I-LOC\n"
        "# # # O\n\n-DOCSTART- -X- -X- O\n\nPeter NNP B-NP I-PER\n"
    )
    dataset = read(written(tmp_path, content), DEFAULT)
    assert texts_of(dataset) == ["EU rejects", "Bonn #", "Peter"]
    assert dataset.groups is not None
    assert dataset.groups.tolist() == [0, 0, 1]
    assert dataset.group_names == ("document 1 of data.conll", "document 2 of data.conll")
    assert items_of(dataset.ledger, "a comment, which is passed over") == (
        "line 3 of data.conll",
        "line 7 of data.conll",
    )
    assert "converted: its tags are IOB1, and read as IOB2" in reasons(dataset)


def test_the_first_column_may_count_and_the_first_line_may_name(tmp_path: Path) -> None:
    dataset = read(written(tmp_path, "1 Ada B-PER O\n2 saw O O\n\n1 Paris B-LOC O\n"), ReadOptions(label="3"))
    assert texts_of(dataset) == ["Ada saw", "Paris"]
    assert dataset.labels == ("LOC", "PER")
    named = read(written(tmp_path, "word tag\n" + PLAIN), DEFAULT)
    assert texts_of(named)[0] == "Ada Lovelace saw Paris"
    assert items_of(named.ledger, "names the columns") == ("line 1 of data.conll",)
    with pytest.raises(DataError, match="no column 7 of tags: it has 2"):
        read(tmp_path / "data.conll", ReadOptions(label="7"))


def test_hashtags_are_words_and_blank_words_are_left_out(tmp_path: Path) -> None:
    dataset = read(written(tmp_path, "#rain\tO\n\tO\n#\tO\n#paris\tB-LOC\n"), DEFAULT)
    assert texts_of(dataset) == ["#rain # #paris"]
    assert items_of(dataset.ledger, "a word without characters") == ("line 2 of data.conll",)
    spaces = read(written(tmp_path, "a B-X\n  O\nb O\n"), DEFAULT)
    assert texts_of(spaces) == ["a b"]


def test_chinese_characters_are_joined_by_nothing(tmp_path: Path) -> None:
    content = "高 B-NAME\n勇 E-NAME\n1 O\n9 O\n年 O\n用 O\nApple B-ORG\nMac E-ORG\n，O\n".replace("，O", "， O")
    dataset = read(written(tmp_path, content.encode("gb18030"), "data.bmes"), DEFAULT)
    assert texts_of(dataset) == ["高勇19年用Apple Mac，"]
    assert entities_of(dataset, 0) == [("NAME", "高勇"), ("ORG", "Apple Mac")]
    assert "converted: its bytes were read as GB18030" in reasons(dataset)


def test_broken_sequences_are_repaired(tmp_path: Path) -> None:
    dataset = read(written(tmp_path, "a B-X\nb O\nc I-X\n\nd B-X\n"), DEFAULT)
    assert entities_of(dataset, 0) == [("X", "a"), ("X", "c")]
    assert items_of(dataset.ledger, "its tags break the rules of IOB2, and are read as conlleval reads them") == (
        "line 1",
    )


def test_everything_that_does_not_fit_is_said_at_once(tmp_path: Path) -> None:
    for word in ("train", "dev"):
        written(tmp_path, f"{word} B-X\nb\nc d e O\nf O\ng O\n", f"{word}.conll")
    with pytest.raises(DataError) as caught:
        read(tmp_path, DEFAULT)
    assert len(caught.value.problems) == 4
    assert caught.value.problems[0] == "Line 2 of train.conll has 1 columns, others 2."


def test_tags_that_are_none_are_all_named(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(written(tmp_path, "a B-X\nb PER\nc PER\nd X-Y\n"), DEFAULT)
    assert caught.value.problems == (
        "'PER' is no tag like the others (line 1 of data.conll, at 'b' and 1 more).",
        "'X-Y' is no tag like the others (line 1 of data.conll, at 'd').",
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "holds no words"),
        ("\n\n", "holds no words"),
        ("a\nb\n", "has one column"),
        ("a O\nb O\n", "No word of .* is in an entity"),
        ("The DT\ndog NN\n", "classes of words"),
        (b"\xff\xfe\0", "is not text"),
    ],
)
def test_files_that_cannot_be_used_say_why(tmp_path: Path, content: str | bytes, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        read(written(tmp_path, content), DEFAULT)


def test_parts_in_files_with_labels_of_their_own(tmp_path: Path) -> None:
    written(tmp_path, "a B-X\nb B-Z\n", "train.char.bio")
    written(tmp_path, "c B-Y\n\nd O\n", "dev.char.bio")
    written(tmp_path, "e O\n", "test.char.bio")
    written(tmp_path, "About these data.", "README.md")
    dataset = read(tmp_path, DEFAULT)
    assert dataset.given_parts == ("train", "dev", "test")
    assert dataset.labels == ("X", "Y", "Z")
    assert entities_of(dataset, 1) == [("Y", "c")]
    assert dataset.parts.tolist() == [Part.TRAIN, Part.VALIDATION, Part.VALIDATION, Part.TEST]
    assert dataset.inputs.name(2) == "dev/line 3"
    assert items_of(dataset.ledger, "a file that is not one of the split's") == ("README.md",)
    named = read(None, ReadOptions(train=str(tmp_path / "train.char.bio"), test=str(tmp_path / "test.char.bio")))
    assert named.given_parts == ("train", "test")


def test_copies_across_parts_are_leaks_and_entities_are_described(tmp_path: Path) -> None:
    written(tmp_path, PLAIN, "train.conll")
    written(tmp_path, "Rain B-LOC\nfell O\n", "test.conll")
    found = profile(*look_at(read(tmp_path, DEFAULT)))
    assert found.leaks[0].exact == 1
    assert found.exact.conflicting == 1
    assert found.entities is not None
    assert (found.entities.entities, found.entities.per_label, found.entities.without) == (3, (2, 1), 1)
    assert found.entities.words.largest == 4


def test_columns_are_told_from_texts() -> None:
    assert looks_like_columns("a O\nb B-X\n")
    assert not looks_like_columns("a O\nb O\n")
    assert not looks_like_columns("x = O\nthis is B\nand more words\n")


@pytest.mark.parametrize(
    ("name", "items", "entities"),
    [("ncbi_disease", 7287, 6881), ("wnut17", 5690, 3890), ("resume_ner_zh", 4761, 16567)],
)
def test_real_data(shared_data: Path, name: str, items: int, entities: int) -> None:
    dataset = read(shared_data / name, DEFAULT)
    counted = sum(target.counts(len(dataset.labels)).sum() for target in dataset.targets)
    assert (len(dataset), counted) == (items, entities)
