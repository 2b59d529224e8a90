"""A ranking as text for people."""

from __future__ import annotations

import pytest

from headstart.cli.ranking_text import ranking_text, short_names
from headstart.core.ranking import Interval, RankedModel, Ranking, Trial
from headstart.core.strategy import Reason


def row(name: str, *, behind: float, tied: bool, trials: tuple[Trial, ...] = ()) -> RankedModel:
    bounds = Interval(value=behind, low=behind - (0.05 if tied else 0.01), high=behind + 0.05)
    return RankedModel(
        id=name,
        parameters=2_000_000,
        milliseconds=12.345,
        place=1.0,
        probe=Interval(value=0.9, low=0.85, high=0.95),
        trials=trials,
        score=0.9,
        behind=bounds if behind else Interval(value=0, low=0, high=0),
        tied=tied,
    )


SHORT = (Trial(share=0.5, fold=0, items=9, score=0.8, probe=0.7, seconds=1),)
RANKING = Ranking(
    task="image-classification",
    metric="accuracy",
    rows=(
        row("./zoo/first", behind=0, tied=True, trials=SHORT),
        row("./zoo/second", behind=0.02, tied=True),
        row("timm/third", behind=0.2, tied=False),
    ),
    skipped=(),
    order=("./zoo/first", "./zoo/second", "timm/third"),
    chosen="./zoo/first",
    tied=("./zoo/first", "./zoo/second"),
    reasons=(Reason(choice="model", value="./zoo/first", why="the best by all that was measured"),),
    strategy="lp-ft",
    exhaustive=100.0,
    seconds={"total": 30.0},
)  # fmt: skip


@pytest.mark.parametrize("width", [72, 80, 120])
def test_the_text_fits_and_says_what_to_take(width: int) -> None:
    text = ranking_text(RANKING, width=width)
    assert text.startswith("Take first: the best choice")
    assert all(len(line) <= width for line in text.splitlines())
    assert "second is too close" in " ".join(text.split())
    assert "0.800" in text
    assert "zoo" not in text


def test_names_are_shortened_only_where_they_stay_apart() -> None:
    assert short_names(["./a/net", "./b/net", "./b/other", "timm/net.x"]) == {
        "./a/net": "./a/net",
        "./b/net": "./b/net",
        "./b/other": "other",
        "timm/net.x": "timm/net.x",
    }
