"""What one run did and what came of it: `run.json`, and the description of the model that it saved: `model.json`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from headstart.core.card import ModelInput
from headstart.core.evaluation import Evaluation
from headstart.core.record import Record
from headstart.core.strategy import Plan
from headstart.core.view import Network, View, ViewResult

FORMAT = 1
REQUEST, RECORD = "request.json", "run.json"
"""What was asked for, in the folder of a run that is not finished; and what came of it, once it is."""
VERDICT, RANKING = "verdict.json", "ranking.json"
OURS = frozenset({REQUEST, RECORD, VERDICT, RANKING})
"""A folder with one of these is the work of a command of ours."""
CHECKPOINT = "checkpoint.safetensors"
"""Where a training that is not finished keeps what it takes to go on, in the folder of its run."""


class ModelRecord(Record):
    """Everything but the weights that a fresh process needs to predict as this one did.

    `thresholds` are the decision thresholds chosen on validation data: one per label for multi-label data, one (for the
    second label) for two classes, none where the most probable label is taken.
    `networks` are fed the same inputs; `views` say what is made of their features. Logits are divided by `temperature`.
    `pairs` says whether an item is a pair of texts; it is None for pictures, and where the run did not record it.
    """

    format: Literal[1] = 1
    task: str
    labels: tuple[str, ...]
    multi_label: bool
    networks: tuple[Network, ...]
    views: tuple[View, ...]
    input: ModelInput
    thresholds: tuple[float, ...] = ()
    temperature: float = Field(default=1.0, gt=0)
    precision: Literal["float32", "bfloat16"] = "float32"
    pairs: bool | None = None


class RunRecord(Record):
    """One arm, carried out.

    `items` counts the items of each part. `seconds` has one entry a phase and `total`. `validation` holds the numbers
    on data that choices were made with (cross-validated for a probe), `test` those on held-out data. `views` are those
    that were tried.
    """

    format: Literal[1] = 1
    plan: Plan
    labels: tuple[str, ...]
    items: dict[str, int]
    held_out: str = ""
    parameters: int
    trained_parameters: int
    strength: float | None = None
    best_epoch: int | None = None
    views: tuple[ViewResult, ...] = ()
    validation: Evaluation | None = None
    test: Evaluation | None = None
    seconds: dict[str, float] = {}
    environment: dict[str, str] = {}
    data_name: str = ""
    data_fingerprint: str = ""
    notes: tuple[str, ...] = ()
