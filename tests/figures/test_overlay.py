from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from headstart.core.errors import RunError
from headstart.core.prediction import Prediction
from headstart.figures.overlay import Overlays, draw

LABELS = ("cat", "dog")
BLACK = Image.fromarray(np.zeros((80, 120, 3), np.uint8))


def found(label: str = "dog", left: float = 40.0) -> dict[str, str | float]:
    return {"label": label, "score": 0.7, "left": left, "top": 30.0, "right": left + 30, "bottom": 60.0}


def test_a_box_is_drawn_where_it_is() -> None:
    drawn = np.asarray(draw(BLACK, Prediction("a", findings=(found(),)), LABELS))
    assert drawn[45, 40].tolist() == [0x00, 0x72, 0xB2]
    assert drawn[45, 69].tolist() == [0x00, 0x72, 0xB2]
    assert not drawn[35:58, 44:66].any()
    assert not drawn[65:].any()
    assert drawn[18:29, 40:60].any(), "its name stands above it"


def test_classes_of_pixels_are_laid_over_and_the_first_is_the_ground() -> None:
    mask = np.zeros((80, 120), np.int16)
    mask[10:20], mask[30:40] = 1, -1
    drawn = np.asarray(draw(BLACK, Prediction("a", mask=mask), LABELS))
    assert drawn[15, 5].any()
    assert not drawn[30:].any()
    assert not drawn[:10].any()


def test_pictures_of_one_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    overlays = Overlays(tmp_path / "drawn", LABELS)
    paths = [overlays.write(Prediction(name, findings=(found(),)), BLACK) for name in ("x/a.jpg", "y/a.png", "row 3")]
    assert [path.name for path in paths] == ["a.png", "a-2.png", "row 3.png"]
    assert Image.open(paths[0]).size == (120, 80)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunError, match="cannot be made"):
        Overlays(tmp_path / "file" / "drawn", LABELS)
