from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.errors import DataError
from headstart.data.mask_classes import find_classes, read_classes

SKY, ROAD = 128 << 16 | 128 << 8 | 128, 128 << 16 | 64 << 8 | 128


@pytest.mark.parametrize(
    ("name", "text", "values", "colours"),
    [
        ("classes.txt", "Sky\nRoad\n", (0, 1), None),
        ("classes.txt", "\ufeffSky\r\n\r\nRoad", (0, 1), None),
        ("classes.txt", "1 Sky\n7: Road", (1, 7), None),
        ("classes.txt", "Sky 128 128 128\nRoad 128 64 128", (0, 1), (SKY, ROAD)),
        ("label_colors.txt", "128 128 128\tSky\n128 64 128\t\tRoad\n", (0, 1), (SKY, ROAD)),
        (
            "labelmap.txt",
            "# label:color_rgb:parts:actions\nSky:128,128,128::\nRoad:128,64,128::\n",
            (0, 1),
            (SKY, ROAD),
        ),
        ("class_dict.csv", "name,r,g,b\nSky,128,128,128\nRoad,128,64,128\n", (0, 1), (SKY, ROAD)),
        ("_classes.csv", "Pixel Value, Class\n0, Sky\n1, Road\n", (0, 1), None),
        ("classes.json", '["Sky", "Road"]', (0, 1), None),
        ("classes.json", '{"Road": 4, "Sky": 2}', (2, 4), None),
        ("classes.json", '{"2": "Sky", "4": "Road"}', (2, 4), None),
    ],
)
def test_ways_to_write_a_list(
    tmp_path: Path, name: str, text: str, values: tuple[int, ...], colours: tuple[int, ...] | None
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = find_classes(tmp_path)
    assert found is not None
    assert found.names == ("Sky", "Road")
    assert found.values == values
    assert found.colours == colours
    assert found.file == name
    assert found.numbered == ((colours is None and values != (0, 1)) or name == "_classes.csv")


def test_no_list(tmp_path: Path) -> None:
    assert find_classes(tmp_path) is None


def test_names_of_several_words(tmp_path: Path) -> None:
    (tmp_path / "classes.txt").write_text("traffic sign 1 2 3\nroad marking 4 5 6\n")
    assert read_classes(tmp_path / "classes.txt").names == ("traffic sign", "road marking")


def test_all_problems_of_a_list_at_once(tmp_path: Path) -> None:
    path = tmp_path / "classes.txt"
    path.write_text("a 1 1 1\nb 1 1 1\na 2 2 2\n")
    with pytest.raises(DataError) as caught:
        read_classes(path)
    assert len(caught.value.problems) == 2
    assert "'a' 2 times" in str(caught.value)
    assert "1 1 1 to 'a' and 'b'" in str(caught.value)
    path.write_text("3 a\n3 b\n")
    with pytest.raises(DataError, match="number 3 to several"):
        read_classes(path)
    path.write_text("\n")
    with pytest.raises(DataError, match="names no class"):
        read_classes(path)
    (tmp_path / "classes.json").write_text("[1, 2]")
    with pytest.raises(DataError, match="neither a list"):
        read_classes(tmp_path / "classes.json")
