"""Combinations on a small world, so planned that nothing is measured and a fine-tuning takes a blink."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from headstart.core.card import InputFacts
from headstart.core.dataset import Dataset
from headstart.core.options import FitOptions
from headstart.core.strategy import Combination, Plan, Rule, Strategy
from headstart.loading import load_data, split
from headstart.views.study import Study
from tests.worlds import SIDE, write_network, write_world

EVERY = ("probe", "stages", "tuned", "refit", "refit-stages", "together")
FACTS = InputFacts(size=(SIDE, SIDE), crop_fraction=1.0, mean=(0.5,) * 3, std=(0.5,) * 3)


def strategy(**changes: Any) -> Strategy:
    """LP-FT of a few steps."""
    settings = {
        "method": "lp-ft",
        "rules": (Rule(pattern="*", learning_rate=1e-3),),
        "start": "probe",
        "epochs": 4,
        "steps": 4,
        "batch_size": 8,
        "augmentation": "flip",
    }
    return Strategy(**{**settings, **changes})


def planned(root: Path, *, budget: float | None = None, seed: int = 0, mirrored: bool = False, **changes: Any) -> Plan:
    """A plan whose pace is given, so that it counts as complete; `changes` are those of the combination."""
    network = root / "network"
    settings = {"candidates": EVERY, "evidence": 2, "pace": {"pass_seconds": 0.001}}
    return Plan(
        task="image-classification",
        model=str(network if network.exists() else write_network(network)),
        strategy=strategy(),
        input=FACTS,
        seed=seed,
        device="cpu",
        precision="float32",
        mirrored=mirrored,
        combination=Combination(**{**settings, **changes}),
        budget=budget,
    )


def world(root: Path, *, train: int = 8, test: int = 3) -> Dataset:
    """A data set of 3 classes whose test part is given."""
    return split(load_data(write_world(root, train=train, test=test)), FitOptions(validation=0.25))


def study(root: Path, **changes: Any) -> Study:
    """A combination that has been begun."""
    return Study.of(planned(root, **changes), world(root / "data"), None)
