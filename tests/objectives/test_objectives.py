"""The table of objectives, and what pretraining pictures takes."""

from __future__ import annotations

from typing import get_args

from headstart.core import pretraining
from headstart.objectives import OBJECTIVES


def test_every_objective_that_can_be_asked_for_is_in_the_table() -> None:
    assert set(OBJECTIVES) == set(get_args(pretraining.ObjectiveName)) == set(pretraining.USUAL)
    assert {modality: OBJECTIVES[name].modality for modality, name in pretraining.BY_MODALITY.items()} == {
        "image": "image",
        "text": "text",
    }
    assert set(pretraining.BY_MODALITY.values()) == set(OBJECTIVES)
