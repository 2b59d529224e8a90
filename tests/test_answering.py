"""Several networks and views, averaged: what the slow way would say, with each network run once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from headstart.answering import Answers, cached_probabilities, kind_of, view_table
from headstart.artefact import TrainedModel
from headstart.core.view import View
from headstart.features.fast import Forward
from headstart.loading import load_data
from headstart.models.backbone import Features
from tests.answers import FACTS, LABELS, VIEWS, trained_model
from tests.worlds import SIDE, write_world


def pictures(count: int) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (count, SIDE, SIDE, 3), dtype=np.uint8)


def features_of(trained: TrainedModel, view: View, inputs: Tensor) -> Tensor:
    parts = []
    for place in view.networks:
        network = trained.networks[place]
        views = [inputs, inputs.flip(-1)] if view.mirrored else [inputs]
        found = [network.forward_stages(one).stages if view.stages else network(one).pooled for one in views]
        parts.append(sum(found) / len(found))  # type: ignore[arg-type]
    return torch.cat(parts, dim=1)


@torch.no_grad()
def slowly(trained: TrainedModel, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """One picture, one view and one network at a time, without anything of ours but networks and heads."""
    mean, std = (torch.tensor(values)[:, None, None] for values in (FACTS.mean, FACTS.std))
    rows = []
    for image in images:
        inputs = ((torch.from_numpy(image).permute(2, 0, 1) / 255 - mean) / std)[None]
        answer = torch.zeros(len(LABELS), dtype=torch.float64)
        for view, head in zip(trained.record.views, trained.heads, strict=True):
            logits = head(Features(pooled=features_of(trained, view, inputs)))[0].double()
            said = torch.sigmoid(logits) if trained.record.multi_label else torch.softmax(logits, dim=0)
            answer += view.weight * said
        rows.append((answer / sum(view.weight for view in trained.record.views)).numpy())
    return np.stack(rows)


@pytest.mark.parametrize("items", [1, 1000], ids=["plain", "rewritten for speed"])
@pytest.mark.parametrize("multi_label", [False, True])
def test_it_is_what_a_slow_loop_says(tmp_path: Path, multi_label: bool, items: int) -> None:
    trained = trained_model(tmp_path, multi_label=multi_label)
    images = pictures(5)
    ours, wanted = Answers(trained, device="cpu", items=items)(images), slowly(trained, images)
    np.testing.assert_allclose(ours, wanted, atol=2e-4)
    assert wanted.std(axis=0).min() > 1e-3  # the pictures are told apart at all
    assert ours.dtype == np.float32


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_every_view_alone(tmp_path: Path, view: View) -> None:
    trained = trained_model(tmp_path, (view,))
    images = pictures(3)
    np.testing.assert_allclose(Answers(trained, device="cpu", items=1)(images), slowly(trained, images), atol=1e-5)


def test_weights_are_shares(tmp_path: Path) -> None:
    halves = tuple(view.model_copy(update={"weight": 10 * view.weight}) for view in VIEWS)
    first, second = trained_model(tmp_path / "a"), trained_model(tmp_path / "b", halves)
    ours, theirs = (Answers(trained, device="cpu", items=1)(pictures(3)) for trained in (first, second))
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    np.testing.assert_allclose(ours.sum(axis=1), 1, atol=1e-5)


def test_each_network_runs_once_for_the_pictures_and_once_for_their_mirror_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[tuple[str, str]] = []
    plain = Forward.__call__

    def counted(self: Forward, inputs: Tensor) -> Tensor:
        runs.append((self.network.card.id, self.kind))
        return plain(self, inputs)

    trained = trained_model(tmp_path)
    answers = Answers(trained, device="cpu", items=1)
    monkeypatch.setattr(Forward, "__call__", counted)
    answers(pictures(4))
    assert sorted(runs) == sorted(2 * [(network.card.id, "stages") for network in trained.networks])


def test_only_networks_with_a_view_are_run_and_stages_only_where_a_view_takes_them(tmp_path: Path) -> None:
    alone = trained_model(tmp_path, (VIEWS[1], VIEWS[0]))
    assert kind_of(alone, 0) == "stages"
    assert kind_of(alone, 1) == "pooled"
    assert Answers(alone, device="cpu", items=1)(pictures(2)).shape == (2, 3)
    pooled = trained_model(tmp_path / "b", (VIEWS[0], VIEWS[4]))
    assert [kind_of(pooled, place) for place in (0, 1)] == ["pooled", "pooled"]


def test_threads_may_share_it(tmp_path: Path) -> None:
    answers = Answers(trained_model(tmp_path), device="cpu", items=1000)
    batches = np.split(pictures(12), 6)
    one_by_one = [answers(batch) for batch in batches]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(answers, batches * 3))
    for number, found in enumerate(together):
        np.testing.assert_allclose(found, one_by_one[number % 6], atol=1e-6)


def test_no_pictures_have_no_answers(tmp_path: Path) -> None:
    none = Answers(trained_model(tmp_path), device="cpu", items=1).none
    assert (none.shape, none.dtype) == ((0, 3), np.float32)


def test_features_from_the_cache_give_the_same_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained = trained_model(tmp_path)
    dataset = load_data(write_world(tmp_path / "data", train=3, test=1)).dataset
    images = np.stack([read(dataset.inputs.read(item)) for item in range(len(dataset))])
    wanted = slowly(trained, images)
    for rows_at_once in (4096, 5):
        monkeypatch.setattr("headstart.answering.ROWS_AT_ONCE", rows_at_once)
        found = cached_probabilities(trained, dataset, device="cpu")
        np.testing.assert_allclose(found, wanted, atol=2e-4)
    empty = dataset.take(np.zeros(0, np.int64))
    assert cached_probabilities(trained, empty, device="cpu").shape == (0, 3)


def test_the_table_of_a_view_is_as_wide_as_its_head(tmp_path: Path) -> None:
    trained = trained_model(tmp_path)
    dataset = load_data(write_world(tmp_path / "data", train=2, test=1)).dataset
    for view, head in zip(trained.record.views, trained.heads, strict=True):
        table = view_table(trained, view, dataset, device="cpu")
        assert (len(table), table.width) == (len(dataset), head.linear.weight.shape[1])


def read(content: bytes) -> npt.NDArray[np.uint8]:
    import io

    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
