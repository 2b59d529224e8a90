from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from headstart.core.dataset import Dataset, Part
from headstart.core.errors import DataError
from headstart.data.looking import look_at
from headstart.data.reader import ReadOptions
from headstart.data.reading import choose_reader, read
from headstart.data.text_table import READER
from headstart.profiling import profile
from tests.data.pictures import items_of, labels_of

DEFAULT = ReadOptions()
ROWS = [("a good film", "pos"), ("dull", "neg"), ("great, really", "pos")]


def written(folder: Path, content: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def texts_of(dataset: Dataset) -> list[str]:
    return [dataset.inputs.read(index) for index in range(len(dataset))]


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.jsonl", "t.parquet"])
@pytest.mark.parametrize(("text", "label"), [("text", "label"), ("Sentence", "target"), ("review", "category")])
def test_every_form_of_table(tmp_path: Path, name: str, text: str, label: str) -> None:
    path = tmp_path / name
    if name.endswith("parquet"):
        pa.parquet.write_table(pa.table({text: [row[0] for row in ROWS], label: [row[1] for row in ROWS]}), path)
    elif name.endswith("jsonl"):
        path.write_text("\n".join(json.dumps({text: row[0], label: row[1]}) for row in ROWS))
    else:
        mark = "\t" if name.endswith("tsv") else ","
        lines = [mark.join([f'"{row[0]}"', row[1]]) for row in ROWS]
        path.write_text("\n".join([mark.join([text, label]), *lines]))
    assert choose_reader(path, DEFAULT)[0] is READER
    dataset = read(path, DEFAULT)
    assert dataset.task == "text-classification"
    assert list(zip(texts_of(dataset), labels_of(dataset), strict=True)) == ROWS


def test_columns_that_the_user_names(tmp_path: Path) -> None:
    path = written(tmp_path, "utterance,intent,text\nhello,greet,x\nbye,leave,y\n")
    options = ReadOptions(text="utterance", label="intent")
    assert choose_reader(path, options)[0] is READER
    assert texts_of(read(path, options)) == ["hello", "bye"]
    unnamed = written(tmp_path, "utterance,intent\nhello,greet\nbye,leave\n")
    assert texts_of(read(unnamed, options)) == ["hello", "bye"]
    with pytest.raises(DataError, match="no column 'uterance'.*Did you mean 'utterance'"):
        read(unnamed, ReadOptions(text="uterance", label="intent"))


def test_a_table_of_pictures_stays_one(tmp_path: Path) -> None:
    path = written(tmp_path, "image,text,label\na.jpg,a dog,x\n")
    assert READER.sniff(path) is None
    assert choose_reader(path, ReadOptions(text="text"))[0] is READER
    assert READER.sniff(written(tmp_path, "x", "t.txt")) is None
    assert READER.sniff("hub/name") is None


def test_pairs(tmp_path: Path) -> None:
    path = written(tmp_path, "premise,hypothesis,label\nit rains,it is wet,yes\nit rains,,no\nsun,it is dry,no\n")
    dataset = read(path, DEFAULT)
    assert texts_of(dataset) == [("it rains", "it is wet"), ("sun", "it is dry")]
    assert items_of(dataset.ledger, "has no text") == ("row 2",)
    assert items_of(dataset.ledger, "each item is a pair: 'premise' and 'hypothesis'") == ("t.csv",)


def test_parts_in_files_of_their_own_and_in_a_column(tmp_path: Path) -> None:
    for word in ("train", "dev", "test"):
        written(tmp_path, f"text,label\n{word} a,x\n{word} b,y\n", f"{word}.csv")
    dataset = read(tmp_path, DEFAULT)
    assert dataset.given_parts == ("train", "dev", "test")
    assert dataset.inputs.name(2) == "dev/row 1"
    path = written(tmp_path, "text,label,split\na,x,train\nb,y,test\nc,x,\n", "all.csv")
    split = read(path, DEFAULT)
    assert split.parts.tolist() == [Part.TRAIN, Part.TEST]


def test_several_labels(tmp_path: Path) -> None:
    dataset = read(written(tmp_path, "text,label\nfirst,a|b\nsecond,a\nthird,b\n"), DEFAULT)
    assert dataset.multi_label
    assert dataset.targets.tolist() == [[1, 1], [1, 0], [0, 1]]
    columns = read(written(tmp_path, "text,toxic,rude\na,1,1\nb,0,0\nc,0,1\n"), DEFAULT)
    assert columns.labels == ("toxic", "rude")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_encodings(tmp_path: Path, encoding: str, suffix: str) -> None:
    rows = [("房间很干净，服务也不错", "好"), ("早餐差了一点，不会再来", "差")]
    if suffix == "csv":
        content = "text,label\r\n" + "".join(f"{text},{label}\r\n" for text, label in rows)
    else:
        content = "\n".join(json.dumps({"text": t, "label": label}, ensure_ascii=False) for t, label in rows)
    dataset = read(written(tmp_path, content.encode(encoding), f"t.{suffix}"), DEFAULT)
    assert list(zip(texts_of(dataset), labels_of(dataset), strict=True)) == rows
    converted = [line.reason for line in dataset.ledger.lines if line.reason.startswith("its bytes were read as")]
    names = {"utf-16": "UTF-16", "gb18030": "GB18030"}
    assert converted == ([f"its bytes were read as {names[encoding]}"] if encoding in names else [])


def test_windows_text_with_accents(tmp_path: Path) -> None:
    path = written(tmp_path, "text,label\nschön für mich,gut\nnaïve façade,schlecht\n".encode("cp1252"))
    assert texts_of(read(path, DEFAULT)) == ["schön für mich", "naïve façade"]


def test_line_ends_quotes_and_delimiters_within_texts(tmp_path: Path) -> None:
    content = 'text,label\r\n"first line\r\nsecond, with ""quotes""",a\r\nplain,b\r\n'
    assert texts_of(read(written(tmp_path, content), DEFAULT)) == ['first line\r\nsecond, with "quotes"', "plain"]


def test_empty_texts_missing_labels_and_ragged_rows_are_left_out(tmp_path: Path) -> None:
    content = 'text,label\nfine,a\n,a\n"  ",b\nno label,\nbad,b,c\ngood,b\n'
    dataset = read(written(tmp_path, content), DEFAULT)
    assert texts_of(dataset) == ["fine", "good"]
    assert items_of(dataset.ledger, "has no text") == ("row 2", "row 3")
    assert items_of(dataset.ledger, "has no label") == ("row 4",)
    assert items_of(dataset.ledger, "has 3 columns where 2 are named") == ("line 6 of t.csv",)


def test_documents_of_a_hundred_thousand_and_more_characters(tmp_path: Path) -> None:
    long = "word " * 20_000
    longer = '"' + "line of text\n" * 200_000 + '"'
    dataset = read(written(tmp_path, f"text,label\n{long},a\n{longer},b\n"), DEFAULT)
    assert [len(text) for text in texts_of(dataset)] == [100_000, 2_600_000]


def test_texts_in_several_parts_are_leaks(tmp_path: Path) -> None:
    written(tmp_path, "text,label\nA good film.,a\nbad,b\n", "train.csv")
    written(tmp_path, "text,label\na good film,a\nbad,b\nnew,a\n", "test.csv")
    dataset, facts = look_at(read(tmp_path, DEFAULT))
    found = profile(dataset, facts)
    (leak,) = found.leaks
    assert (leak.exact, leak.near, leak.items) == (1, 1, 3)
    assert "2 of the 3 texts of test are also in train (1 exactly, 1 nearly)" in " ".join(found.warnings)
    assert found.texts is not None
    assert found.pictures is None


def test_labels_that_differ_in_case_or_space_are_noted(tmp_path: Path) -> None:
    dataset = read(written(tmp_path, "text,label\na,Good\nb,good\nc, bad\nd,bad\n"), DEFAULT)
    assert len(dataset.labels) == 4
    reason = "labels differ only in case or surrounding space; they are kept as separate classes"
    assert set(items_of(dataset.ledger, reason)) == {"' bad' / 'bad'", "'Good' / 'good'"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("text,label\na,x\nb,x\n", "holds the single class 'x'"),
        ("text,label\n", "has no rows"),
        ("text,label\n,x\n,y\n", "Nothing that could be used is left"),
        ("text,note\na,x\n", "has no column of labels"),
        ("text,label\na\0b,x\n", "is not text: it holds zero bytes"),
        ("", "is empty"),
    ],
)
def test_tables_that_cannot_be_used_say_why(tmp_path: Path, content: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        read(written(tmp_path, content), ReadOptions(reader="text-table"))


def test_lists_of_texts_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, '{"text": ["a", "b"], "label": "x"}\n', "t.jsonl")
    with pytest.raises(DataError, match="holds lists, but one text a row is due"):
        read(path, DEFAULT)


def test_half_a_surrogate_pair_in_json_is_replaced(tmp_path: Path) -> None:
    path = written(tmp_path, '{"text": "a\\ud800b", "label": "x"}\n{"text": "c", "label": "y"}\n', "t.jsonl")
    assert texts_of(read(path, DEFAULT)) == ["a?b", "c"]
