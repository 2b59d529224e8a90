"""Views that were chosen, as the networks and heads of one saved model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from headstart.answering import averaged, view_table
from headstart.artefact import TrainedModel
from headstart.core.dataset import Indices
from headstart.core.run_record import ModelRecord
from headstart.core.strategy import Goal
from headstart.core.view import Network
from headstart.features.probe import probe_head
from headstart.metrics.goal import score
from headstart.tasks.task import Model
from headstart.views.assembly import assemble, results
from headstart.views.evidence import Evidence, Probes, gather, probe
from headstart.views.study import Study
from tests.views.studies import EVERY, FACTS, study

SHARES = dict(zip(EVERY, (0.3, 0.1, 0.1, 0.2, 0.1, 0.2), strict=True))


Begun = tuple[Study, Probes, Evidence]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Begun:
    """Evidence for every view, which no test changes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(tmp_path_factory.mktemp("cache")))
        return begun(tmp_path_factory.mktemp("whole"), candidates=EVERY, evidence=2)


def begun(root: Path, **changes: object) -> Begun:
    found = study(root, **{"candidates": ("probe", "tuned"), "evidence": 1, **changes})
    probes = probe(found)
    return found, probes, gather(found, probes)


def same(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    ours, theirs = one.state_dict(), other.state_dict()
    return all(torch.equal(value, theirs[name]) for name, value in ours.items())


def test_all_views_share_two_networks(whole: Begun) -> None:
    found, probes, evidence = whole
    networks, heads, views = assemble(found, probes, evidence, SHARES)
    assert len(networks) == 2
    assert networks[0] is found.model.backbone
    assert not same(networks[0], networks[1])
    assert [view.name for view in views] == list(EVERY)
    assert [view.networks for view in views] == [(0,), (0,), (1,), (1,), (1,), (0, 1)]
    assert [view.stages for view in views] == [False, True, False, False, True, False]
    assert [view.weight for view in views] == list(SHARES.values())
    assert {view.name: view.strength for view in views} == {**evidence.strengths, "tuned": None}
    assert not any(part.training for part in (*networks, *heads))
    for name, head in zip(EVERY[:2], heads, strict=False):
        assert torch.equal(head.linear.weight, probe_head(probes.heads[name])["weight"])


def test_a_solved_head_has_been_fitted_on_all_known_items_with_the_strength_of_the_evidence(whole: Begun) -> None:
    found, probes, evidence = whole
    networks, heads, views = assemble(found, probes, evidence, SHARES)
    record = ModelRecord(
        task="image-classification",
        labels=found.dataset.labels,
        multi_label=False,
        networks=tuple(Network(card=network.card, architecture=network.architecture) for network in networks),
        views=views,
        input=FACTS,
    )
    trained = TrainedModel(record, networks, heads)
    rows = np.arange(len(found.known))
    for view, head in zip(views, heads, strict=True):
        table = view_table(trained, view, found.known, device="cpu")
        assert table.width == head.linear.weight.shape[1]
        alone = TrainedModel(record.model_copy(update={"views": (view,)}), networks, (head,))
        said = averaged(alone, lambda _, table=table: torch.from_numpy(table.rows(rows)))
        if view.strength is None:
            assert (said.argmax(axis=1) == found.known.targets).mean() > 0.5
            continue
        wanted = probe_head(found.solve(table, view.strength))
        logits = torch.from_numpy(table.rows(rows)) @ wanted["weight"].T + wanted["bias"]
        np.testing.assert_allclose(said, torch.softmax(logits, dim=1).numpy(), atol=0.02)


@pytest.mark.parametrize(
    ("name", "places", "count"), [("stages", (0,), 1), ("refit", (0,), 1), ("tuned", (0,), 1), ("together", (0, 1), 2)]
)
def test_networks_that_no_view_uses_are_not_kept(whole: Begun, name: str, places: tuple[int, ...], count: int) -> None:
    found, probes, evidence = whole
    networks, heads, (view,) = assemble(found, probes, evidence, {name: 1.0})
    assert (len(networks), len(heads), view.networks) == (count, 1, places)


def test_without_fine_tuned_views_nothing_is_trained_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, probes, evidence = begun(tmp_path, candidates=("probe", "stages", "tuned"))
    names = watched(monkeypatch)
    assemble(found, probes, evidence, {"probe": 0.5, "stages": 0.5})
    assert names == []


def watched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The name of every training that is begun from here on, and how many items it has."""
    names: list[tuple[str, int]] = []
    original = Study.fine_tuned

    def named(self: Study, train: Indices, *, name: str) -> Model:
        names.append((name, len(train)))
        return original(self, train, name=name)

    monkeypatch.setattr(Study, "fine_tuned", named)
    return names


def test_the_kept_network_has_seen_all_known_items(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, probes, evidence = begun(tmp_path)
    names = watched(monkeypatch)
    networks, heads, _ = assemble(found, probes, evidence, {"tuned": 1.0})
    assert names == [("all", 24)]
    assert evidence.first is not None
    assert not same(networks[0], evidence.first.backbone)
    assert not same(heads[0], evidence.first.head)


def test_without_another_training_it_is_the_network_of_the_first_fold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, probes, evidence = begun(tmp_path, candidates=("tuned", "probe", "refit"), retrain=False)
    names = watched(monkeypatch)
    networks, heads, _ = assemble(found, probes, evidence, {"tuned": 0.5, "refit": 0.5})
    assert names == []
    assert evidence.first is not None
    assert same(networks[0], evidence.first.backbone)
    assert same(heads[0], evidence.first.head)


def test_a_network_for_which_no_time_is_left_is_not_kept_half_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the evidence praised was trained to the end; a network after a single step is another one."""
    found, probes, evidence = begun(tmp_path)
    monkeypatch.setattr(Study, "late", lambda self: True)
    networks, _, _ = assemble(found, probes, evidence, {"tuned": 1.0})
    assert evidence.first is not None
    assert same(networks[0], evidence.first.backbone)
    assert any("without the first fold" in note for note in found.notes)


def test_results_say_what_each_candidate_reached_and_costs(whole: Begun) -> None:
    found, probes, evidence = whole
    weights = {**dict.fromkeys(EVERY, 0.0), "probe": 0.4, "together": 0.6}
    tried = {result.name: result for result in results(found, probes, evidence, weights)}
    assert list(tried) == list(EVERY)
    targets = found.known.targets[evidence.items]
    for name, result in tried.items():
        assert result.score == score(Goal(), evidence.answers[name], targets)
        assert result.log_loss == -score(Goal(metric="log_loss"), evidence.answers[name], targets)
        assert result.weight == weights[name]
        assert result.strength == evidence.strengths.get(name)
    assert {name: result.passes for name, result in tried.items()} == {**dict.fromkeys(EVERY, 1), "together": 2}
    assert tried["together"].milliseconds == 2.0  # two passes of a millisecond each


def test_mirror_images_double_the_passes_and_an_unknown_pace_gives_no_time(tmp_path: Path) -> None:
    found, probes, evidence = begun(tmp_path, mirrored=True, candidates=("probe",), evidence=0, pace={})
    (result,) = results(found, probes, evidence, {"probe": 1.0})
    assert (result.passes, result.milliseconds, result.mirrored) == (2, None, True)
