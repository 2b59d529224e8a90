"""What all views of a run share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from headstart import execution
from headstart.core.dataset import Dataset, Part
from headstart.core.strategy import Plan
from headstart.features.table import ArrayFeatures
from headstart.tasks.task import Model
from headstart.views import VIEWS
from headstart.views import study as study_module
from headstart.views.study import Study, features_of
from tests.features.samples import TinyBackbone, rows_of
from tests.views.studies import planned, study, world


def test_known_are_all_items_but_those_of_the_test_part(tmp_path: Path) -> None:
    found = study(tmp_path)
    assert len(found.known) == 24
    assert {Part(part) for part in found.known.parts} == {Part.TRAIN, Part.VALIDATION}
    assert np.bincount(found.folds).tolist() == [5, 5, 5, 5, 4]
    assert found.labels == 3
    assert found.clock.seconds["load"] > 0


def test_candidates_are_told_apart_by_whether_they_need_fine_tuning(tmp_path: Path) -> None:
    found = study(tmp_path)
    assert list(found.kinds(tuned=False)) == ["probe", "stages"]
    assert list(found.kinds(tuned=True)) == ["tuned", "refit", "refit-stages", "together"]
    one = found.combination.model_copy(update={"networks": 1})
    alone = replace(found, plan=found.plan.model_copy(update={"combination": one}))
    assert list(alone.kinds(tuned=True)) == ["tuned", "refit", "refit-stages"]
    found.model.backbone.stage_width = 0  # a network that gives its last features only
    assert list(found.kinds(tuned=False)) == ["probe"]
    assert list(found.kinds(tuned=True)) == ["tuned", "refit", "together"]


@pytest.mark.parametrize(("budget", "late"), [(None, False), (10.0, False), (0.5, True)])
def test_it_is_late_once_the_budget_is_used_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, budget: float | None, late: bool
) -> None:
    found = study(tmp_path, budget=budget)
    monkeypatch.setattr(study_module.time, "monotonic", lambda: found.started + 1)
    assert found.late() == late


def test_fine_tuning_sees_just_the_items_given_for_their_share_of_the_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[Plan, Dataset, Path | None, float | None]] = []

    def train_only(
        plan: Plan, dataset: Dataset, *, probe: object, folder: Path | None, deadline: float | None
    ) -> tuple[str, tuple[str, ...]]:
        assert probe is None
        seen.append((plan, dataset, folder, deadline))
        return "model", ("Training stopped early: time.",)

    monkeypatch.setattr(execution, "train_only", train_only)
    found = study(tmp_path, budget=1000.0)
    found.folder = tmp_path / "run"
    train = np.array([1, 2, 3, 5, 8, 13])
    assert found.fine_tuned(train, name="fold-0") == "model"
    assert found.notes == ["fold-0: Training stopped early: time."]
    ((plan, dataset, folder, deadline),) = seen
    assert np.array_equal(dataset.indices(Part.TRAIN), train)
    assert not len(dataset.indices(Part.VALIDATION))
    assert plan.strategy.steps == 1  # a quarter of the items, a quarter of 4 steps
    assert plan.combination is None
    assert folder == tmp_path / "run" / "training" / "fold-0"
    assert deadline == found.started + 1000
    assert "train" in found.clock.seconds


def test_the_network_it_gives_is_another_than_the_pretrained_one(tmp_path: Path) -> None:
    found = study(tmp_path)
    before = {name: value.clone() for name, value in found.model.backbone.state_dict().items()}
    model = found.fine_tuned(np.arange(len(found.known)), name="all")
    assert isinstance(model, Model)
    assert not model.training
    after = found.model.backbone.state_dict()
    assert all(torch.equal(after[name], before[name]) for name in before)
    assert any(not torch.equal(value, before[name]) for name, value in model.backbone.state_dict().items())


def test_training_starts_from_the_probe_of_its_own_items_on_features_that_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads: list[dict[str, torch.Tensor]] = []

    def train_only(plan: Plan, dataset: Dataset, **given: object) -> tuple[str, tuple[str, ...]]:
        heads.append(given["probe"])
        return "model", ()

    monkeypatch.setattr(execution, "train_only", train_only)
    found = study(tmp_path)
    table = found.table(found.model.backbone, mirrored=False, stages=True)
    train = np.arange(16)
    with_table = replace(found, pretrained=table)
    with_table.fine_tuned(train, name="all")
    rows, targets = table.rows(train)[:, -found.model.backbone.width :], found.known.targets[train]
    (head,) = heads
    said = (rows @ head["linear.weight"].numpy().T + head["linear.bias"].numpy()).argmax(axis=1)
    assert (said == targets).mean() > 0.8


def test_a_solved_head_answers_for_every_known_item(tmp_path: Path) -> None:
    found = study(tmp_path)
    table = found.table(found.model.backbone, mirrored=False, stages=True)
    assert table.width == found.model.backbone.stage_width
    head = found.solve(table, 0.1)
    assert head.strength == 0.1
    assert head.out_of_fold.shape == (24, 3)


def test_features_of_a_view_come_out_of_the_tables_of_its_networks() -> None:
    backbone = TinyBackbone(width=4)
    wide, narrow = ArrayFeatures(rows_of(5, width=7)), ArrayFeatures(rows_of(5, width=4, seed=1))
    tables = {"pretrained": wide, "tuned": narrow}
    every = np.arange(5)
    last = rows_of(5, width=7)[:, 3:]
    for name, wanted in {
        "probe": last,
        "stages": rows_of(5, width=7),
        "refit": rows_of(5, width=4, seed=1),
        "together": np.concatenate([last, rows_of(5, width=4, seed=1)], axis=1),
    }.items():
        assert np.array_equal(features_of(VIEWS[name], tables, backbone).rows(every), wanted)  # type: ignore[arg-type]


def test_several_labels_are_a_matter_of_the_data(tmp_path: Path) -> None:
    from dataclasses import replace

    dataset = world(tmp_path / "data")
    sets = np.eye(3, dtype=np.uint8)[dataset.targets]
    sets[::4, 0] = 1
    found = Study.of(planned(tmp_path), replace(dataset, targets=sets), None)
    assert found.task.multi_label  # type: ignore[attr-defined]
    assert found.known.multi_label
