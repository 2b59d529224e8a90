"""What all pictures have in common."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from headstart.core.errors import RunError
from headstart.figures.canvas import DOTS_PER_INCH, new_canvas, save


def test_a_picture_of_the_size_that_was_asked_for(tmp_path: Path) -> None:
    figure, axes = new_canvas(width=4, height=3)
    axes.plot([0, 1], [1, 0])
    save(figure, tmp_path / "new" / "line.png")
    picture = Image.open(io.BytesIO((tmp_path / "new" / "line.png").read_bytes()))
    assert picture.size == (4 * DOTS_PER_INCH, 3 * DOTS_PER_INCH)
    assert len(picture.convert("RGB").getcolors(100_000) or []) > 2


def test_a_picture_that_cannot_be_written_is_an_error_for_people(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    figure, _ = new_canvas(width=1, height=1)
    with pytest.raises(RunError, match="could not be written"):
        save(figure, tmp_path / "file" / "line.png")
