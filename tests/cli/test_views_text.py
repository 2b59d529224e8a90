"""The table of views: every view with its numbers, what was not kept, and what a prediction takes."""

from __future__ import annotations

import pytest

from headstart.cli.views_text import views_text
from headstart.core.run_record import RunRecord
from headstart.core.strategy import Plan, Strategy
from headstart.core.view import ViewResult


def record(weights: dict[str, float], *, mirrored: bool) -> RunRecord:
    views = tuple(
        ViewResult(name=name, score=0.9, log_loss=0.3, weight=weight, passes=1, milliseconds=3.25, mirrored=mirrored)
        for name, weight in weights.items()
    )
    plan = Plan(task="image-classification", model="m", strategy=Strategy(method="lp-ft"))
    return RunRecord(plan=plan, labels=("a", "b"), items={}, parameters=1, trained_parameters=1, views=views)


def test_every_view_has_a_line_and_only_kept_ones_a_weight() -> None:
    lines = views_text(record({"probe": 0.25, "stages": 0.0, "refit": 0.75}, mirrored=False)).splitlines()
    rows = {line.split()[0]: line.split() for line in lines if line.startswith(("probe", "stages", "refit"))}
    assert rows["probe"][1:] == ["0.9000", "0.3000", "1", "3.2", "0.25"]
    assert rows["stages"][-1] == "-"


@pytest.mark.parametrize(
    ("weights", "mirrored", "said"),
    [
        ({"probe": 1.0}, False, "The model is the pretrained network with 1 head: 1 pass a prediction."),
        ({"refit": 1.0, "probe": 0.0}, True, "the fine-tuned network with 1 head: 2 passes a prediction, on the"),
        ({"probe": 0.5, "refit": 0.5}, False, "the pretrained and the fine-tuned network with 2 heads: 2 passes"),
        ({"together": 1.0}, True, "the pretrained and the fine-tuned network with 1 head: 4 passes"),
        ({"words": 1.0, "probe": 0.0}, False, "The model is a bag of words: a prediction passes through no network."),
        (
            {"words": 0.5, "probe": 0.5},
            False,
            "the pretrained network with 1 head, and a bag of words beside it: 1 pass a prediction.",
        ),
        (
            {"words": 0.2, "probe": 0.4, "refit": 0.4},
            False,
            "the fine-tuned network with 2 heads, and a bag of words beside them: 2 passes a prediction.",
        ),
    ],
)
def test_the_cost_counts_networks_once_and_mirror_images_twice(
    weights: dict[str, float], mirrored: bool, said: str
) -> None:
    assert said in views_text(record(weights, mirrored=mirrored))
