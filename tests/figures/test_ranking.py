"""A ranking as a picture."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from headstart.figures.ranking import draw_ranking
from tests.cli.test_ranking_text import RANKING, row


def test_every_model_is_drawn_and_named(tmp_path: Path) -> None:
    draw_ranking(RANKING, tmp_path / "three.png")
    fewer = RANKING.model_copy(update={"rows": RANKING.rows[:1]})
    draw_ranking(fewer, tmp_path / "one.png")
    three, one = ((tmp_path / name).read_bytes() for name in ("three.png", "one.png"))
    assert three != one
    assert Image.open(io.BytesIO(three)).format == "PNG"


def test_many_models_are_cut_to_those_that_can_be_read(tmp_path: Path) -> None:
    rows = tuple(row(f"timm/model{number}", behind=0.001 * number, tied=number < 5) for number in range(60))
    many = RANKING.model_copy(update={"rows": rows, "chosen": "timm/model0", "order": tuple(each.id for each in rows)})
    draw_ranking(many, tmp_path / "many.png")
    assert (tmp_path / "many.png").stat().st_size > 10_000
