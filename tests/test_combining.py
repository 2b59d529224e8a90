"""A combination from beginning to end, on a small world with a tiny network."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import headstart as hs
from headstart import combining, pipeline
from headstart.choosing import TUNED
from headstart.combining import combine
from headstart.core.dataset import Dataset, Indices, Part
from headstart.core.options import FitOptions
from headstart.core.run_record import RunRecord
from headstart.core.strategy import Combination, Plan, Reason
from headstart.execution import Outcome
from headstart.loading import load_data, split
from headstart.tasks.task import Model
from headstart.views.evidence import probe
from headstart.views.study import Study
from tests.views.studies import EVERY, FACTS, planned, strategy, world
from tests.worlds import SIDE, write_network, write_world


class Killed(BaseException):
    """What no code of ours knows: the process is gone."""


def weights_of(outcome: Outcome) -> dict[str, torch.Tensor]:
    return outcome.trained.module().state_dict()


def same_weights(one: Outcome, other: Outcome) -> bool:
    ours, theirs = weights_of(one), weights_of(other)
    return ours.keys() == theirs.keys() and all(torch.equal(value, theirs[name]) for name, value in ours.items())


@pytest.fixture
def all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every candidate is kept, with the same weight, so that every way to answer is taken."""

    def even(answers: list[object], *_: object, single: bool, **__: object) -> tuple[float, ...]:
        assert not single
        return (1 / len(answers),) * len(answers)

    monkeypatch.setattr("headstart.views.weighing.blend_weights", even)


def test_what_comes_out(tmp_path: Path, all_kept: None) -> None:
    dataset = world(tmp_path / "data")
    outcome = combine(planned(tmp_path), dataset)
    record, trained = outcome.record, outcome.trained
    assert [view.name for view in record.views] == list(EVERY)
    assert [view.name for view in trained.record.views] == list(EVERY)
    assert sum(view.weight for view in trained.record.views) == pytest.approx(1)
    assert len(trained.networks) == 2
    assert record.test is not None
    assert record.validation is not None
    assert record.test.items == len(outcome.held_out) == 9
    assert record.validation.items == 10  # two of five folds
    assert record.validation.part == "folds that the choice was made on"
    np.testing.assert_allclose(outcome.held_out.sum(axis=1), 1, atol=1e-5)
    network = sum(parameter.numel() for parameter in trained.networks[0].parameters())
    heads = sum(parameter.numel() for head in trained.heads for parameter in head.parameters())
    assert record.parameters == 2 * network + heads
    assert record.trained_parameters == network + heads
    assert record.seconds["total"] > 0
    assert {"load", "features", "heads", "train", "evaluate"} <= record.seconds.keys()


def test_weights_of_kept_views_sum_to_one_and_the_others_are_not_there(tmp_path: Path) -> None:
    outcome = combine(planned(tmp_path), world(tmp_path / "data"))
    tried = {view.name: view.weight for view in outcome.record.views}
    kept = {view.name: view.weight for view in outcome.trained.record.views}
    assert list(tried) == list(EVERY)
    assert kept == {name: weight for name, weight in tried.items() if weight}
    assert sum(kept.values()) == pytest.approx(1)
    assert len(outcome.trained.heads) == len(kept)


@pytest.mark.parametrize("preferred", ["probe", "refit"])
def test_single_keeps_one_network_and_one_view(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, preferred: str) -> None:
    original = combining.gather

    def biased(study: Study, probes: combining.Probes) -> combining.Evidence:
        found = original(study, probes)
        truth = np.eye(3, dtype=np.float32)[study.known.targets[found.items]]
        for name in found.answers:
            found.answers[name] = (0.9 * truth + 0.1 / 3) if name == preferred else 0.5 * truth + 0.5 / 3
        return found

    monkeypatch.setattr(combining, "gather", biased)
    candidates = ("probe", "stages", "tuned", "refit")
    outcome = combine(planned(tmp_path, single=True, evidence=1, candidates=candidates), world(tmp_path / "data"))
    assert [(view.name, view.weight) for view in outcome.trained.record.views] == [(preferred, 1.0)]
    assert len(outcome.trained.networks) == len(outcome.trained.heads) == 1
    assert outcome.trained.model


def test_the_test_part_takes_part_in_nothing(tmp_path: Path, all_kept: None) -> None:
    """Other test pictures with other labels: the same weights and numbers, but those of the test."""
    dataset = world(tmp_path / "data")
    outside = load_data(write_world(tmp_path / "outside", train=3, test=0, seed=9)).dataset
    changed = with_test(dataset, outside)
    plan = planned(tmp_path, mirrored=True, evidence=1)
    ours, theirs = combine(plan, dataset), combine(plan, changed)
    assert same_weights(ours, theirs)
    assert ours.trained.record == theirs.trained.record
    assert ours.record.views == theirs.record.views
    assert ours.record.validation == theirs.record.validation
    assert ours.record.test != theirs.record.test


def with_test(dataset: Dataset, outside: Dataset) -> Dataset:
    """The data set whose test items have the contents of others, and labels that are wrong."""
    test = dataset.indices(Part.TEST)
    targets, content = dataset.targets.copy(), dataset.content.copy()  # type: ignore[union-attr]
    targets[test] = (targets[test] + 1) % 3
    content[test] = outside.content[: len(test)]  # type: ignore[index]
    return replace(dataset, targets=targets, content=content, inputs=Swapped(dataset, outside, test))


class Swapped:
    """A column of inputs in which some are those of another."""

    def __init__(self, dataset: Dataset, outside: Dataset, where: Indices, chosen: Indices | None = None) -> None:
        self._parts, self._where = (dataset, outside), where
        self._chosen = np.arange(len(dataset)) if chosen is None else chosen

    def __len__(self) -> int:
        return len(self._chosen)

    def name(self, index: int) -> str:
        return self._parts[0].inputs.name(int(self._chosen[index]))

    def read(self, index: int) -> object:
        item = int(self._chosen[index])
        if item in self._where:
            return self._parts[1].inputs.read(int(np.flatnonzero(self._where == item)[0]))
        return self._parts[0].inputs.read(item)

    def stamp(self, index: int) -> None:
        return None

    def take(self, indices: Indices) -> Swapped:
        return Swapped(*self._parts, self._where, self._chosen[indices])


def test_one_seed_gives_the_same_bits_and_another_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, all_kept: None
) -> None:
    dataset = world(tmp_path / "data")
    outcomes = []
    for number, seed in enumerate((3, 3, 4)):
        monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / f"cache-{number}"))  # what is cached is not asked
        outcomes.append(
            combine(planned(tmp_path, seed=seed, evidence=1, candidates=("probe", "tuned", "refit")), dataset)
        )
    first, second, other = outcomes
    assert same_weights(first, second)
    np.testing.assert_array_equal(first.held_out, second.held_out)
    assert not same_weights(first, other)


def test_a_saved_model_says_the_same_in_another_process(tmp_path: Path, all_kept: None) -> None:
    outcome = combine(planned(tmp_path, mirrored=True, evidence=1), world(tmp_path / "data"))
    outcome.trained.save(tmp_path / "run")
    outcome.record.write(tmp_path / "run" / "run.json")
    code = (
        "import sys, numpy as np, headstart as hs\n"
        "from headstart import prediction\n"
        "from headstart.core.dataset import Part\n"
        "run = hs.load(sys.argv[1])\n"
        "data = hs.load_data(sys.argv[2]).dataset.part(Part.TEST)\n"
        "np.save(sys.argv[3], prediction.probabilities(run.trained, data, device='cpu'))\n"
    )
    files = [str(tmp_path / name) for name in ("run", "data", "answers.npy")]
    subprocess.run([sys.executable, "-c", code, *files], check=True)
    np.testing.assert_allclose(np.load(files[2]), outcome.held_out, atol=1e-6)


# What is decided after the probes, and what becomes of a run that dies


def quick(self: Study, train: Indices, *, name: str) -> Model:
    raise AssertionError("nothing is to be trained")


def completed(root: Path, monkeypatch: pytest.MonkeyPatch, **changes: object) -> tuple[Plan, int]:
    """The plan that is written, of a fit that would not be fine-tuned, and how often the pace was measured."""
    measured: list[float] = []

    def pace(*_: object, **__: object) -> float:
        measured.append(0.01)
        return 0.01

    monkeypatch.setattr(combining, "training_seconds", pace)
    monkeypatch.setattr(Study, "fine_tuned", quick)
    folder = root / "run"
    folder.mkdir(exist_ok=True)
    written = folder / "plan.json"
    plan = Plan.read(written) if written.exists() else fresh(root, **changes)
    combine(plan, world_of(root), folder=folder)
    return Plan.read(written), len(measured)


def test_the_pace_is_that_of_the_training_that_would_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its method, layers and variation, at the size that it trains at; kept as that of a picture of the usual size."""
    asked: list[Plan] = []

    def pace(plan: Plan, *_: object, **__: object) -> float:
        asked.append(plan)
        return 100.0

    monkeypatch.setattr(combining, "training_seconds", pace)
    monkeypatch.setattr(combining, "fine_tuning", lambda *_, **__: (strategy(train_size=SIDE // 2), "so"))
    study = Study.of(fresh(tmp_path), world_of(tmp_path), None)
    shown = combining._shown(study, probe(study), study.plan)
    assert [(plan.strategy.method, plan.strategy.train_size) for plan in asked] == [("lp-ft", SIDE // 2)]
    assert shown.item_seconds == pytest.approx(4 * 100.0)
    looks = (2 if shown.mirrored else 1) * len(study.dataset.indices(Part.TEST))
    assert 0 < shown.pass_seconds < 60, "as long as the features took"
    assert shown.looking == pytest.approx(looks * shown.pass_seconds), "what a network looks at in the end"
    study = Study.of(fresh(tmp_path), world_of(tmp_path), None)
    probes = probe(study)
    for measured in (study.pass_seconds, 1e6):  # all were in the cache; what the start took with few items is in it
        study.pass_seconds = measured
        found = combining._shown(study, probes, study.plan)
        assert found.pass_seconds == pytest.approx(400.0 / 3), "a third of a step"
    assert 0 < shown.heads < shown.spent < 60


def world_of(root: Path) -> Dataset:
    data = root / "data"
    return world(data) if not data.exists() else split(load_data(data), FitOptions(validation=0.25))


def fresh(root: Path, **changes: object) -> Plan:
    """As `planning` leaves it: nothing is known of the pace, and mirror images are to be tried."""
    plan = planned(root)
    probe = plan.strategy.model_copy(update={"method": "linear-probe"})
    known = {"mirrored": None, "combination": Combination(), "input": FACTS, "strategy": probe}
    return plan.model_copy(update={**known, **changes})


def test_the_plan_that_the_probes_complete_is_written_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that is taken up again decides nothing again, even where the first decision was not to fine-tune."""
    first, measured = completed(tmp_path, monkeypatch, budget=0.001)
    assert measured == 1
    assert [reason.choice for reason in first.reasons] == ["mirror images", "fine-tuning"]
    assert "of the budget can be planned for" in first.reasons[-1].why
    assert first.mirrored is not None
    second, measured = completed(tmp_path, monkeypatch)
    assert second == first
    assert measured == 0


def test_groups_bound_the_evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With two groups there are two folds, however many pictures the rarest class has."""
    seen: list[combining.Shown] = []

    def shown(plan: Plan, what: combining.Shown) -> Plan:
        seen.append(what)
        return plan

    monkeypatch.setattr(combining, "choose", shown)
    monkeypatch.setattr(combining, "training_seconds", lambda *_, **__: 0.01)
    dataset = world_of(tmp_path)
    groups = (np.arange(len(dataset)) % 2).astype(np.int32)
    combine(fresh(tmp_path, mirrored=False), replace(dataset, groups=groups, group_names=("a", "b")))
    assert seen[0].rarest == 2
    combine(fresh(tmp_path, mirrored=False), dataset)
    assert seen[1].rarest == 5  # as many as folds, of eight


def test_auto_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From options to a saved run, its choices made here."""
    monkeypatch.setattr("headstart.methods.lp_ft.epochs_for", lambda *_, **__: 1)
    write_network(tmp_path / "network")
    options = FitOptions(model=str(tmp_path / "network"), budget=600)
    run = hs.fit(write_world(tmp_path / "data", train=6, test=2, seed=3), output=tmp_path / "run", options=options)
    plan = run.record.plan
    assert Plan.read(run.folder / "plan.json").combination == plan.combination
    choices = [reason.choice for reason in plan.reasons]
    assert choices[:5] == ["model", "strategy", "weights", "mirror images", "fine-tuning"]
    fine_tuned = plan.strategy.method == "lp-ft"
    assert [view.name for view in run.record.views] == ["probe", "stages", *(TUNED if fine_tuned else ())]
    kept = run.trained.record.views
    assert sum(view.weight for view in kept) == pytest.approx(1)
    assert len(run.predict(tmp_path / "data" / "test")) == 6


@pytest.mark.parametrize("dies", ["fold-1", "all"])
def test_a_run_that_was_killed_between_trainings_ends_with_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, all_kept: None, dies: str
) -> None:
    network = write_network(tmp_path / "network")
    data = write_world(tmp_path / "data", train=6, test=2)
    options = FitOptions(model=str(network))

    def plan(*_: object, **__: object) -> Plan:
        known = planned(tmp_path, candidates=("probe", "tuned", "together"))
        return known.model_copy(update={"reasons": (Reason(choice="model", value="tiny", why="given"),)})

    monkeypatch.setattr("headstart.planning.plan", plan)
    whole = hs.fit(data, output=tmp_path / "whole", options=options)
    original = Study.fine_tuned

    def killed(self: Study, train: Indices, *, name: str) -> Model:
        if name == dies:
            raise Killed
        return original(self, train, name=name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Study, "fine_tuned", killed)
        with pytest.raises(Killed):
            hs.fit(data, output=tmp_path / "run", options=options)
    assert not (tmp_path / "run" / pipeline.RECORD).exists()
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "another"))
    run = hs.fit(output=tmp_path / "run", resume=True)
    for name in ("weights.safetensors", "model.json"):
        assert (run.folder / name).read_bytes() == (whole.folder / name).read_bytes()
    assert run.metrics == whole.metrics
    assert run.record.views == whole.record.views
    # files of events are named after the time
    names = [
        sorted(str(path.relative_to(one.folder)).partition("tfevents")[0] for path in one.folder.rglob("*"))
        for one in (run, whole)
    ]
    assert names[0] == names[1]
    assert not any(path.name == "checkpoint.safetensors" for path in run.folder.rglob("*"))


def test_a_network_of_one_layer_of_features_has_fewer_candidates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headstart.models.timm.network.stages_of", lambda body: ([], []))
    outcome = combine(planned(tmp_path, evidence=0, candidates=("probe", "stages")), world(tmp_path / "data"))
    assert [view.name for view in outcome.record.views] == ["probe"]
    assert isinstance(outcome.record, RunRecord)
