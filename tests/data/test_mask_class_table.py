from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.errors import DataError
from headstart.data.mask_class_table import refuse_columns, table_rows
from headstart.data.mask_classes import read_classes
from headstart.figures.mask_files import MaskFiles

PATH = Path("classes.csv")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_in_any_order_with_any_delimiter(delimiter: str) -> None:
    text = "\ufeff# made by hand\nIndex,Red,Green,Blue,Name\n\n7,1,2,3,sky\n# a comment\n8,4,5,6,#1,\n"
    found = table_rows(text.replace(",", delimiter), PATH)
    assert found == [("sky", 7, 1 << 16 | 2 << 8 | 3), ("#1", 8, 4 << 16 | 5 << 8 | 6)]


def test_a_column_of_names_alone() -> None:
    assert table_rows("class\nsky\n# comment\nroad", PATH) == [("sky", None, None), ("road", None, None)]
    assert table_rows("", PATH) is None
    assert table_rows("sky\nroad\n", PATH) is None


def test_all_problems_at_once() -> None:
    with pytest.raises(DataError) as caught:
        table_rows("id;name;r;g;b\n1;sky;0;0\nx;road;0;0;x\n2;car;0;0;256\n", PATH)
    assert caught.value.problems == (
        "classes.csv: '1;sky;0;0' has 4 columns, and the header has 5.",
        "classes.csv: the number of 'road' is 'x': a whole number is due.",
        "classes.csv: the colour of 'road' is '0 0 x': three numbers up to 255 are due.",
        "classes.csv: the colour of 'car' is '0 0 256': three numbers up to 255 are due.",
    )
    assert "name,r,g,b" in caught.value.hint


def test_a_table_without_a_column_of_names_is_not_a_list_of_names(tmp_path: Path) -> None:
    for text in ("klasse;r;g;b\na;0;0;0\n", "klasse,farbe\na,rot\n"):
        (tmp_path / "class_dict.csv").write_text(text)
        with pytest.raises(DataError, match=r"class_dict\.csv has no column that is called name"):
            read_classes(tmp_path / "class_dict.csv")
    refuse_columns(["sky", "road, wet"], PATH)


@pytest.mark.parametrize("text", ["sky;1;2;3\nroad;4;5;6\n", "sky,1,2,3\nroad,4,5,6\n"])
def test_colours_without_a_header(tmp_path: Path, text: str) -> None:
    (tmp_path / "classes.csv").write_text(text)
    found = read_classes(tmp_path / "classes.csv")
    assert (found.names, found.colours) == (("sky", "road"), (0x010203, 0x040506))


@pytest.mark.parametrize(
    "names",
    [("#1", "a"), ("a", "# b"), ("a,b", "c d 1"), ("1 2 3", "x"), ('"q"', "a;b"), ("two\nlines", "y"), ("7", "8")],
)
def test_names_survive_the_table_of_written_masks(tmp_path: Path, names: tuple[str, ...]) -> None:
    MaskFiles(tmp_path, names)
    assert read_classes(tmp_path / "classes.csv").names == names
