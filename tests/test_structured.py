"""Tasks whose targets are more than labels, from data to a saved model, on a small one of the kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import headstart as hs
from headstart.core.dataset import Part
from headstart.core.errors import OptionError
from headstart.core.options import FitOptions, StrategyOptions
from headstart.core.ranking import RankOptions
from headstart.core.verdict import VerdictOptions
from headstart.data.looking import look_at
from headstart.loading import Data
from tests import pixels

OPTIONS = FitOptions(model="starter/tiny-resnet", image_size=pixels.SIDE)


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels.known(monkeypatch)


@pytest.fixture
def data() -> Data:
    return Data(*look_at(pixels.scenes()))


def fitted(data: Data, folder: Path, **changes: object) -> hs.Run:
    return hs.fit(data, output=folder, options=OPTIONS.model_copy(update=changes))


def test_the_head_comes_first_and_the_better_network_is_kept(data: Data, tmp_path: Path) -> None:
    run = fitted(data, tmp_path / "run")
    record = run.record
    assert record.plan.strategy.method == "lp-ft"
    assert record.plan.goal.metric == "mean_iou"
    assert run.metrics["pixel_accuracy"] > 0.8
    assert record.validation is not None
    assert not list((tmp_path / "run").glob("*checkpoint*"))


def test_a_network_that_gets_worse_is_not_kept(data: Data, tmp_path: Path) -> None:
    ruinous = StrategyOptions(backbone_learning_rate=3.0, early_stopping=False, clip_norm=1e9)
    run = fitted(data, tmp_path / "run", strategy="lp-ft", settings=ruinous)
    probe = fitted(data, tmp_path / "probe", strategy="lp-ft", settings=StrategyOptions(backbone_learning_rate=1e-9))
    assert any("The head on the frozen network is kept" in note for note in run.record.notes)
    assert run.metrics["pixel_accuracy"] == pytest.approx(probe.metrics["pixel_accuracy"], abs=0.15)


@pytest.mark.parametrize("strategy", ["linear-probe", "full", "scratch"])
def test_a_strategy_moves_what_it_says(data: Data, tmp_path: Path, strategy: str) -> None:
    run = fitted(data, tmp_path / "run", strategy=strategy)
    head = sum(parameter.numel() for parameter in run.trained.heads[0].parameters())
    body = sum(parameter.numel() for parameter in run.trained.networks[0].parameters())
    assert run.record.trained_parameters == (head if strategy == "linear-probe" else head + body)


def test_a_saved_run_says_the_same_of_files_and_of_data(data: Data, tmp_path: Path) -> None:
    run = fitted(data, tmp_path / "run", strategy="linear-probe")
    again = hs.load(tmp_path / "run")
    held_out = hs.load(tmp_path / "run").evaluate(data)
    assert held_out.items == len(data)
    pictures = [data.dataset.inputs.read(index) for index in range(3)]
    first, second = run.predict(pictures), again.predict(pictures)
    for one, other in zip(first, second, strict=True):
        assert one.mask is not None
        assert other.mask is not None
        assert one.mask.shape == (48, 64)
        assert np.array_equal(one.mask, other.mask)
        assert one.findings == other.findings
        assert sum(int(finding["pixels"]) for finding in one.findings) == one.mask.size


def test_the_number_after_loading_is_the_one_of_the_training(data: Data, tmp_path: Path) -> None:
    run = fitted(data, tmp_path / "run", strategy="linear-probe")
    dataset = hs.pipeline.split(data, OPTIONS)
    again = hs.pipeline.evaluate(hs.load(tmp_path / "run"), Data(dataset.part(Part.TEST), data.facts))
    assert again.metrics["pixel_accuracy"] == pytest.approx(run.metrics["pixel_accuracy"], abs=1e-9)


def test_a_budget_becomes_steps(data: Data, tmp_path: Path) -> None:
    run = fitted(data, tmp_path / "run", strategy="full", budget=2.0)
    assert run.record.plan.strategy.steps is not None
    seconds = dict(run.record.seconds)
    assert seconds["pace"] > 0
    assert seconds.pop("total") == pytest.approx(sum(seconds.values()))


def test_options_for_other_tasks_are_refused(data: Data, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="--metric auroc says nothing of semantic-segmentation"):
        fitted(data, tmp_path / "run", metric="auroc")
    with pytest.raises(OptionError, match="--top is for labels"):
        fitted(data, tmp_path / "one", strategy="linear-probe").predict([np.zeros((48, 64, 3), np.uint8)], top=3)


def test_models_are_ranked_by_rows_of_cells(brief: None, data: Data, zoo: Path) -> None:
    options = RankOptions(models=(str(zoo / "first"), str(zoo / "second")), image_size=pixels.SIDE)
    found = hs.rank(data, options=options)
    assert len(found.rows) == 2
    assert all(row.probe.value > 0.6 for row in found.rows)
    assert all("logme" in row.scores for row in found.rows)
    assert any("rests on features alone" in reason.why for reason in found.reasons)


def test_a_verdict_compares_by_what_the_task_scores_an_item_with(data: Data) -> None:
    options = VerdictOptions(model=OPTIONS.model, image_size=pixels.SIDE, repeats=2, curve=False, budget=6.0)
    found = hs.verdict(data, options=options)
    assert found.metric == "share of right pixels"
    assert {arm.name for arm in found.arms} >= {"transfer", "scratch", "random-weights"}
    assert "share of right pixels" in found.sentence
