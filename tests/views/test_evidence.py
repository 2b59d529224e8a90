"""What views say of items that have trained nothing they are made of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from headstart.core.dataset import Indices
from headstart.core.strategy import Goal
from headstart.features.held_out import Grid
from headstart.features.probe import Probe
from headstart.features.table import FeatureTable
from headstart.metrics.goal import score
from headstart.tasks.task import Model
from headstart.views import evidence as evidence_module
from headstart.views.evidence import Evidence, gather, probe, tuned_table
from headstart.views.study import Study
from tests.views.studies import EVERY, study

LOG_LOSS = Goal(metric="log_loss")


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> dict[str, Indices]:
    """The items that each fine-tuning of a study has seen, by its name."""
    seen: dict[str, Indices] = {}
    original = Study.fine_tuned

    def watched(self: Study, train: Indices, *, name: str) -> Model:
        seen[name] = train
        return original(self, train, name=name)

    monkeypatch.setattr(Study, "fine_tuned", watched)
    return seen


@pytest.fixture
def grids(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Indices, Indices]]:
    """The rows that heads were fitted on and those that they answered for."""
    seen: list[tuple[Indices, Indices]] = []
    original = evidence_module.held_out_grid

    def watched(*arguments: object, train: Indices, test: Indices, **more: object) -> Grid:
        seen.append((train, test))
        return original(*arguments, train=train, test=test, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(evidence_module, "held_out_grid", watched)
    return seen


def test_no_network_and_no_head_has_seen_what_it_answers_for(
    tmp_path: Path, trained: dict[str, Indices], grids: list[tuple[Indices, Indices]]
) -> None:
    found = study(tmp_path, evidence=3)
    gathered = gather(found, probe(found))
    assert list(trained) == ["fold-0", "fold-1", "fold-2"]
    tested = []
    for fold, train in enumerate(trained.values()):
        test = np.flatnonzero(found.folds == fold)
        assert np.array_equal(np.sort(np.concatenate([train, test])), np.arange(24))
        tested.append(test)
    assert np.array_equal(gathered.items, np.concatenate(tested))
    assert len(grids) == 3 * 3  # refit, refit-stages and together
    for number, (train, test) in enumerate(grids):
        assert np.array_equal(train, trained[f"fold-{number // 3}"])
        assert np.array_equal(test, tested[number // 3])
    assert gathered.answers.keys() == set(EVERY)
    for answers in gathered.answers.values():
        assert answers.shape == (len(gathered.items), 3)
        np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)
    assert gathered.strengths.keys() == set(EVERY) - {"tuned"}
    assert gathered.first is not None


def test_labels_of_a_fold_do_not_reach_the_network_that_answers_for_it(tmp_path: Path) -> None:
    found, other = (study(tmp_path / name, candidates=("probe", "tuned"), evidence=1) for name in ("a", "b"))
    fold = other.folds == 0
    other.known.targets[fold] = (other.known.targets[fold] + 1) % 3
    ours, theirs = (gather(one, probe(one)) for one in (found, other))
    assert np.array_equal(ours.answers["tuned"], theirs.answers["tuned"])
    elsewhere = study(tmp_path / "c", candidates=("probe", "tuned"), evidence=1)
    elsewhere.known.targets[~fold] = (elsewhere.known.targets[~fold] + 1) % 3
    assert not np.array_equal(gather(elsewhere, probe(elsewhere)).answers["tuned"], ours.answers["tuned"])


def test_without_fine_tuning_every_known_item_is_evidence(tmp_path: Path, trained: dict[str, Indices]) -> None:
    found = study(tmp_path, candidates=("probe", "stages"), evidence=0)
    probes = probe(found)
    gathered = gather(found, probes)
    assert trained == {}
    assert np.array_equal(gathered.items, np.arange(24))
    assert np.array_equal(gathered.answers["stages"], probes.heads["stages"].out_of_fold)
    assert gathered.first is None


def test_there_is_not_more_evidence_than_folds(tmp_path: Path, trained: dict[str, Indices]) -> None:
    """As where the pictures come in few groups: a fold that is empty holds nothing out."""
    found = study(tmp_path, candidates=("probe", "tuned", "refit"), evidence=5)
    found.folds = found.folds % 2
    gathered = gather(found, probe(found))
    assert list(trained) == ["fold-0", "fold-1"]
    assert sorted(gathered.items) == list(range(24))


def test_the_clock_ends_it_after_a_whole_fold_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = study(tmp_path, candidates=("probe", "tuned"), evidence=3)
    monkeypatch.setattr(Study, "late", lambda self: True)
    gathered = gather(found, probe(found))
    assert np.array_equal(gathered.items, np.flatnonzero(found.folds == 0))
    assert any("after 1 of 3 folds" in note for note in found.notes)


def test_the_strength_of_a_head_on_tuned_features_is_that_of_all_folds_together(tmp_path: Path) -> None:
    found = study(tmp_path, candidates=("probe", "refit"), evidence=2)
    gathered = gather(found, probe(found))
    targets = found.known.targets[gathered.items]
    assert -score(LOG_LOSS, gathered.answers["refit"], targets) < np.log(3)  # it has learnt something
    assert gathered.strengths["refit"] > 0


def test_mirror_images_are_averaged_where_that_is_better(tmp_path: Path) -> None:
    found = study(tmp_path, candidates=("probe", "stages"), evidence=0)
    found.plan = found.plan.model_copy(update={"mirrored": None})
    chosen = probe(found)
    losses = {}
    for mirrored in (False, True):
        found.plan = found.plan.model_copy(update={"mirrored": mirrored})
        alone = probe(found)
        assert (alone.mirrored, alone.other_log_loss) == (mirrored, None)
        losses[mirrored] = alone.heads["probe"].log_loss
    assert losses[True] != losses[False]
    assert chosen.mirrored == (losses[True] < losses[False])
    assert chosen.heads["probe"].log_loss == min(losses.values())
    assert chosen.other_log_loss == max(losses.values())


@pytest.mark.parametrize(("budget", "mirrored"), [(None, True), (1000.0, True), (0.001, False)])
def test_mirror_images_are_given_up_where_the_budget_has_no_time_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, budget: float | None, mirrored: bool
) -> None:
    found = study(tmp_path, candidates=("probe",), evidence=0)
    found.plan = found.plan.model_copy(update={"mirrored": None, "budget": budget})
    solve = Study.solve
    heads = iter((0.5, 0.7))  # with mirror images, and without

    def solved(self: Study, table: FeatureTable) -> Probe:
        return replace(solve(self, table), log_loss=next(heads))

    monkeypatch.setattr(Study, "solve", solved)
    assert probe(found).mirrored == mirrored


def test_the_table_of_a_tuned_network_is_as_wide_as_its_views_need(tmp_path: Path) -> None:
    found = study(tmp_path, candidates=("probe", "refit"))
    backbone = found.model.backbone
    assert tuned_table(found, found.model, mirrored=False).width == backbone.width
    found = study(tmp_path, candidates=("probe", "refit", "refit-stages"))
    assert tuned_table(found, found.model, mirrored=False).width == backbone.stage_width


def test_of_several_labels_every_view_answers_too(tmp_path: Path) -> None:
    from dataclasses import replace

    from tests.views.studies import planned, world

    dataset = world(tmp_path / "data")
    sets = np.eye(3, dtype=np.uint8)[dataset.targets]
    sets[::4, 0] = 1
    found = Study.of(planned(tmp_path, evidence=2), replace(dataset, targets=sets), None)
    gathered: Evidence = gather(found, probe(found))
    assert gathered.answers.keys() == set(EVERY)
    sums = gathered.answers["tuned"].sum(axis=1)
    assert sums.max() - sums.min() > 1e-3
