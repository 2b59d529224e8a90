from __future__ import annotations

import csv

import pytest

from headstart.core.errors import DataError
from headstart.data.quoting import quotes_are_marks

TWO = ["text", "label"]


def are_marks(content: str, *, names: list[str] = TWO, delimiter: str = ",") -> bool:
    return quotes_are_marks(content.encode(), names, delimiter=delimiter, place="a.csv")


@pytest.mark.parametrize(
    "content",
    [
        "text,label\na,b\n",
        'text,label\n"a, b",c\n"d ""e""",f\n',
        'text,label\n"two\nlines, and more",b\n',
        'text,label\r\n"two\r\nlines",b\r\n',
        'text,label\r"a",b\r',
        '"text","label"\n"a","b"',
        '\ufeff"text",label\n"a",b\n',
        'text,label\na "b" c,d\n5" e,f\n',
        'text,label\n"' + "long, " * 50_000 + '",b\n',
        # a comma and a line break in one cell are what a text has, whatever number of columns its lines seem to have
        'text,label\n"Dear all,\nI am, ",b\n',
    ],
)
def test_quotes_that_fit_are_marks(content: str) -> None:
    before = csv.field_size_limit()
    assert are_marks(content)
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    "content",
    [
        'text,label\n"hello there,1\ngood film,0\n',
        'text,label\n"hello there,1\nanother " quote,0\nend" here,1\n',
        '\n\ntext,label\n"hello" there,1\n\n',
        'text,label\r\n"hello there,1\r\n',
        'text,label\n"' + "long " * 50_000 + ",1\nb,2\n",
    ],
)
def test_quotes_that_do_not_fit_are_characters_where_the_columns_do(content: str) -> None:
    assert not are_marks(content)
    assert not are_marks(content.replace(",", "\t"), delimiter="\t")


def test_quotes_that_would_join_rows_of_tabs_are_characters() -> None:
    joined = 'text\tlabel\n"hello there\t1\ngood film\t0\nthe end"\t1\n'
    assert not are_marks(joined, delimiter="\t")
    assert are_marks(joined.replace("\t", ","))
    for kept in ('text\tlabel\n"a\tb"\t1\n', 'text\tlabel\n"a\nb"\t1\n', 'text\tlabel\n"a\tb\tc\nd"\t1\n'):
        assert are_marks(kept, delimiter="\t")


def test_a_table_of_one_column() -> None:
    assert are_marks('text\n"two\nlines"\n', names=["text"])
    assert not are_marks('text\n"hello there\n\nnext\n', names=["text"])


def test_quotes_that_fit_neither_way_are_named() -> None:
    content = 'text,label\n"a, b" c,1\nd,2\n"e "f",3\ng,4\n"h" i,5\n"j" k,6\nl, m,7\n"n,8\n'
    with pytest.raises(DataError) as caught:
        are_marks(content)
    assert caught.value.problems == (
        "The row of a.csv that begins in line 2 has a quote that closes within a cell, in line 2.",
        "The row of a.csv that begins in line 4 has a quote that closes within a cell, in line 4.",
        "The row of a.csv that begins in line 6 has a quote that closes within a cell, in line 6.",
    )
    assert "twice" in caught.value.hint
    assert "Without marks, line 2 has 3 columns where 2 are named." in caught.value.hint


def test_a_quote_that_never_closes_is_named() -> None:
    with pytest.raises(DataError) as caught:
        are_marks('text,label\n"a, b",1\n"c, d,2\ne,3\n')
    assert caught.value.problems == ("The row of a.csv that begins in line 3 opens a quote that never closes.",)


def test_quotes_around_the_names_of_columns_are_marks_or_wrong() -> None:
    with pytest.raises(DataError, match="begins in line 2 has a quote that closes within a cell") as caught:
        are_marks('"text"\t"label"\n"a \\"b\\" c"\t"1"\n', delimiter="\t")
    assert "columns where" not in caught.value.hint
