"""Objectives of a pretraining: what an architecture learns from a large data set, before anybody's task is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.core.table import Table

if TYPE_CHECKING:
    from headstart.objectives.objective import Objective

OBJECTIVES: Table[Objective] = Table(
    "objective",
    {
        "classification": "headstart.objectives.classification:OBJECTIVE",
        "masked-language-model": "headstart.objectives.masked_language_model:OBJECTIVE",
    },
)
