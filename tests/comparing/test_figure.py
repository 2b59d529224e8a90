"""The verdict as a picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from headstart.comparing.figure import draw
from headstart.core.errors import RunError
from tests.comparing.verdicts import verdict_of


def test_it_is_wider_with_a_learning_curve(tmp_path: Path) -> None:
    draw(verdict_of(), tmp_path / "arms.png")
    draw(verdict_of(shares=(0.25, 0.5)), tmp_path / "both.png")
    with Image.open(tmp_path / "arms.png") as arms, Image.open(tmp_path / "both.png") as both:
        assert both.width > 1.3 * arms.width
        for picture in (arms, both):
            colours = picture.convert("RGB").getcolors(1 << 24)
            assert colours is not None
            found = {colour for count, colour in colours if count > 20}
            assert {(0x0B, 0x6E, 0x4F), (0xC1, 0x44, 0x0E)} <= found


def test_nothing_is_shown_and_nothing_of_the_user_is_changed(tmp_path: Path) -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    draw(verdict_of(), tmp_path / "verdict.png")
    assert dict(matplotlib.rcParams) == before


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="could not be written"):
        draw(verdict_of(), tmp_path / "file" / "verdict.png")
