from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.errors import DataError
from headstart.data.box_problems import refuse_with_boxes
from headstart.data.written_boxes import SHOWN_PROBLEMS, Drawn, written
from tests.data.boxes import write_picture

OUTSIDE = (100, 100, 110, 110)


def refused(root: Path, *drawn: Drawn) -> tuple[str, ...]:
    with pytest.raises(DataError) as error:
        refuse_with_boxes(["first."], root, drawn, hint="do")
    assert error.value.hint == "do"
    return error.value.problems


def test_where_nothing_is_wrong_no_picture_is_looked_at(tmp_path: Path) -> None:
    refuse_with_boxes([], tmp_path, [Drawn("gone.png", "", written([OUTSIDE], [0]))], hint="do")


def test_boxes_are_held_against_the_upright_picture(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.jpg", (40, 30), orientation=6)
    write_picture(tmp_path / "b.png")
    fits = Drawn("a.jpg", "", written([(1, 32, 5, 38)], [0]))
    bad = Drawn(b"b.png", "", written([(1, 32, 5, 38), (0, 0, float("nan"), 5), (2.5, 0, 3, 1)], [0, 0, 0]))
    assert refused(tmp_path, fits, bad) == (
        "first.",
        "b.png: object 2 has edges that are no numbers.",
        "b.png: object 1 lies outside its 40 x 30 pixels.",
    )


def test_pictures_that_cannot_be_read_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_text("x")
    drawn = [Drawn(name, "", written([OUTSIDE], [0])) for name in ("broken.png", "gone.png")]
    assert refused(tmp_path, *drawn) == ("first.",)


def test_of_very_many_the_first_are_told(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png")
    count = SHOWN_PROBLEMS + 3
    found = refused(tmp_path, Drawn("a.png", "", written([OUTSIDE] * count, [0] * count)))
    assert len(found) == SHOWN_PROBLEMS + 2
    assert found[-1] == "And 3 more of this kind."
