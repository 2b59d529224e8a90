"""Extraction: what the cache has is not computed again, and what it may not have is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from headstart.core.card import InputFacts
from headstart.core.dataset import Dataset
from headstart.core.errors import DataError, ModelError
from headstart.core.runtime import Precision
from headstart.core.view import Network
from headstart.data.columns import ArrayColumn, PathColumn, path_array
from headstart.data.scan import content_hash
from headstart.features import computing as computing_module
from headstart.features.computing import Computed, compute
from headstart.features.eviction import segment_files
from headstart.features.extract import extract
from headstart.features.pictures import normalise
from headstart.features.store import features_folder
from headstart.features.table import FeatureTable
from headstart.models.backbone import Features
from tests.features.samples import FACTS, StagedBackbone, TinyBackbone, dataset_of, pictures

extract_module = import_module("headstart.features.extract")


@pytest.fixture
def forwarded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The sizes of all batches that go through a network."""
    sizes: list[int] = []
    plain = computing_module.Forward.__call__

    def counted(self: computing_module.Forward, inputs: Tensor) -> Tensor:
        sizes.append(len(inputs))
        return plain(self, inputs)

    monkeypatch.setattr(computing_module.Forward, "__call__", counted)
    return sizes


def extracted(
    dataset: Dataset,
    backbone: TinyBackbone | None = None,
    *,
    facts: InputFacts = FACTS,
    precision: Precision = "float32",
    mirrored: bool = False,
) -> FeatureTable:
    return extract(
        dataset, backbone or TinyBackbone(), input=facts, device="cpu", precision=precision, mirrored=mirrored
    )


def expected(images: np.ndarray, backbone: TinyBackbone | None = None) -> np.ndarray:
    with torch.inference_mode():
        pooled = (backbone or TinyBackbone()).eval()(normalise(torch.from_numpy(images), FACTS)).pooled
    assert pooled is not None
    return np.asarray(pooled)


def rows(table: FeatureTable) -> np.ndarray:
    return table.rows(np.arange(len(table)))


@pytest.mark.parametrize("count", [0, 1, 10, 50])
def test_extraction_equals_the_plain_forward(count: int) -> None:
    images = pictures(count)
    table = extracted(dataset_of(images))
    assert (len(table), table.width) == (count, 6)
    if count:
        np.testing.assert_allclose(rows(table), expected(images), rtol=1e-4, atol=1e-5)


def test_new_items_cost_one_forward_each_and_known_ones_none(forwarded: list[int]) -> None:
    images = pictures(20)
    first = rows(extracted(dataset_of(images[:10])))
    assert sum(forwarded) == 10
    forwarded.clear()
    table = extracted(dataset_of(images[np.random.default_rng(0).permutation(20)]))
    assert sum(forwarded) == 10
    forwarded.clear()
    assert np.array_equal(rows(extracted(dataset_of(images[:10]))), first)
    assert forwarded == []
    assert len(table) == 20


def test_pictures_of_sixteen_bits_are_the_same_pictures() -> None:
    grey = np.repeat(pictures(4)[..., :1], 3, axis=3)
    deep = grey[..., 0] * np.uint16(257)
    table = extracted(replace(dataset_of(deep), inputs=ArrayColumn(deep)), mirrored=True)
    np.testing.assert_allclose(rows(table), rows(extracted(dataset_of(grey), mirrored=True)), rtol=1e-4, atol=1e-5)


def test_equal_pictures_are_computed_once(forwarded: list[int]) -> None:
    images = pictures(3)[[0, 1, 0, 2, 0]]
    table = extracted(dataset_of(images))
    assert sum(forwarded) == 3
    np.testing.assert_allclose(rows(table), expected(images), rtol=1e-4, atol=1e-5)


def test_the_backbone_is_used_in_evaluation_mode_and_left_in_its_own() -> None:
    backbone = TinyBackbone().train()
    images = pictures(40)
    table = extracted(dataset_of(images), backbone)
    assert backbone.training
    np.testing.assert_allclose(rows(table), expected(images), rtol=1e-4, atol=1e-5)


def changed(what: str) -> FeatureTable:
    backbone, facts = TinyBackbone(), FACTS
    if what == "one weight":
        with torch.no_grad():
            backbone.body.weight[0, 0, 0, 0] += 1
    elif what == "batch norm statistics":
        backbone.norm.running_mean[0] += 1
    elif what == "preprocessing":
        facts = FACTS.model_copy(update={"mean": (0.1, 0.2, 0.3)})
    elif what == "revision":
        backbone.card = backbone.card.model_copy(update={"revision": "2"})
    precision: Precision = "bfloat16" if what == "precision" else "float32"
    return extracted(dataset_of(pictures(5)), backbone, facts=facts, precision=precision)


@pytest.mark.parametrize("what", ["one weight", "batch norm statistics", "preprocessing", "revision", "precision"])
def test_what_changes_features_never_meets_an_old_entry(forwarded: list[int], what: str) -> None:
    before = rows(extracted(dataset_of(pictures(5))))
    forwarded.clear()
    after = rows(changed(what))
    assert sum(forwarded) == 5
    assert np.array_equal(before, after) == (what == "revision")
    forwarded.clear()
    assert np.array_equal(rows(changed(what)), after)
    assert np.array_equal(rows(extracted(dataset_of(pictures(5)))), before)
    assert forwarded == []


def test_mirrored_is_the_mean_of_both_and_costs_only_the_mirror_images(forwarded: list[int]) -> None:
    images = pictures(6)
    extracted(dataset_of(images[:4]))
    forwarded.clear()
    table = extracted(dataset_of(images), mirrored=True)
    assert sum(forwarded) == 6 + 2
    assert table.pass_seconds is not None
    assert 0 < table.pass_seconds < 60
    assert extracted(dataset_of(images), mirrored=True).pass_seconds is None, "all of them were in the cache"
    wanted = (expected(images) + expected(images[:, :, ::-1].copy())) / 2
    np.testing.assert_allclose(rows(table), wanted, rtol=1e-4, atol=1e-5)


def test_a_damaged_row_is_computed_again_and_noted(forwarded: list[int]) -> None:
    dataset = dataset_of(pictures(5))
    good = rows(extracted(dataset))
    (path,) = features_folder().rglob("*.rows")
    data = bytearray(path.read_bytes())
    data[2 * 24] ^= 0x40
    path.write_bytes(data)
    forwarded.clear()
    table = extracted(dataset)
    assert sum(forwarded) == 1
    np.testing.assert_allclose(rows(table), good, rtol=1e-5, atol=1e-6)
    (line,) = table.ledger.lines
    assert (line.action, line.items) == ("repaired", ("row 2",))
    forwarded.clear()
    assert extracted(dataset).ledger.lines == ()
    assert forwarded == []


@pytest.mark.parametrize("kind", ["rows cut off", "rows gone", "index is garbage", "index is empty"])
def test_a_damaged_file_is_computed_again_and_noted(forwarded: list[int], kind: str) -> None:
    dataset = dataset_of(pictures(5))
    good = rows(extracted(dataset))
    (segment,) = segment_files(features_folder())
    stored = segment.path.with_suffix(".rows")
    if kind == "rows cut off":
        stored.write_bytes(stored.read_bytes()[: 3 * 24 + 1])
    elif kind == "rows gone":
        stored.unlink()
    else:
        segment.path.write_bytes(b"" if kind == "index is empty" else b"garbage" * 30)
    forwarded.clear()
    table = extracted(dataset)
    assert sum(forwarded) == (2 if kind == "rows cut off" else 5)
    np.testing.assert_allclose(rows(table), good, rtol=1e-5, atol=1e-6)
    assert [line.action for line in table.ledger.lines] == ["noted" if "index" in kind else "repaired"]
    assert extracted(dataset).ledger.lines == ()


def photo_files(folder: Path, count: int) -> Dataset:
    for number, image in enumerate(pictures(count)):
        Image.fromarray(image).save(folder / f"{number}.png")
    names = [f"{number}.png" for number in range(count)]
    hashes = [content_hash((folder / name).read_bytes()) for name in names]
    content = np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, 16)
    return replace(dataset_of(pictures(count)), inputs=PathColumn(folder, path_array(names)), content=content)


@pytest.mark.parametrize("change", ["gone", "cut off", "another picture"])
def test_files_that_changed_since_the_scan_are_named_and_the_others_kept(
    tmp_path: Path, forwarded: list[int], change: str
) -> None:
    dataset = photo_files(tmp_path, 6)
    for number in (1, 4):
        file = tmp_path / f"{number}.png"
        if change == "gone":
            file.unlink()
        elif change == "cut off":
            file.write_bytes(file.read_bytes()[:100])
        else:
            Image.fromarray(pictures(1, seed=number)[0]).save(file)
    with pytest.raises(DataError) as caught:
        extracted(dataset)
    assert [problem[:6] for problem in caught.value.problems] == ["1.png:", "4.png:"]
    assert "again" in caught.value.hint
    assert sum(forwarded) == 4
    forwarded.clear()
    extracted(dataset.take(np.array([0, 2, 3, 5])))
    assert forwarded == []


def test_many_problems_are_not_all_listed(tmp_path: Path) -> None:
    dataset = photo_files(tmp_path, 30)
    for file in tmp_path.iterdir():
        file.unlink()
    with pytest.raises(DataError) as caught:
        extracted(dataset)
    assert len(caught.value.problems) == 21
    assert caught.value.problems[-1] == "... and 10 more."


def test_features_that_are_not_finite_are_an_error_and_not_kept(forwarded: list[int]) -> None:
    class Overflowing(TinyBackbone):
        def forward(self, inputs: Tensor) -> Features:
            pooled = super().forward(inputs).pooled
            assert pooled is not None
            return Features(pooled=torch.where(inputs[:, :1, 0, 0] > 0, pooled * torch.inf, pooled))

    dataset = dataset_of(pictures(10))
    for _ in range(2):
        with pytest.raises(ModelError, match="test/tiny"):
            extracted(dataset, Overflowing())
    assert 10 < sum(forwarded) < 20


def test_notes_of_the_fast_forward_are_in_the_ledger() -> None:
    (line,) = extracted(dataset_of(pictures(40))).ledger.lines
    assert (line.action, line.items) == ("noted", ("test/tiny",))
    assert "folded" in line.reason


@pytest.mark.parametrize("batches", [1, 7, 12])
def test_a_pass_that_was_broken_off_goes_on_to_the_same_bits(
    batches: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few items that are left go through the network that many go through."""
    dataset = dataset_of(pictures(50))

    def broken_off(*given: Any, **further: Any) -> Iterator[Computed]:
        yield from islice(compute(*given, **further), batches)
        raise KeyboardInterrupt

    def whole(place: str) -> np.ndarray:
        monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / place))
        return rows(extract(dataset, TinyBackbone(), input=FACTS, device="cpu", precision="float32", batch_size=4))

    wanted = whole("at once")
    with monkeypatch.context() as patched:
        patched.setattr(extract_module, "compute", broken_off)
        with pytest.raises(KeyboardInterrupt):
            whole("twice")
    assert np.array_equal(whole("twice"), wanted)


def test_the_cache_makes_room_for_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_CACHE_SIZE", "2500")
    for seed in range(4):
        table = extracted(dataset_of(pictures(20, seed=seed)), TinyBackbone(seed=seed))
        assert table.ledger.lines == ()
        assert sum(file.size for file in segment_files(features_folder())) <= 2500
    assert len(list(segment_files(features_folder()))) == 2


def test_more_than_the_limit_is_kept_for_the_run_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_CACHE_SIZE", "100")
    images = pictures(20)
    table = extracted(dataset_of(images))
    np.testing.assert_allclose(rows(table), expected(images), rtol=1e-4, atol=1e-5)
    (line,) = table.ledger.lines
    assert "exceeds its limit" in line.reason


def test_an_unscanned_data_set_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="scanned"):
        extracted(replace(dataset_of(pictures(2)), content=None))


def test_a_local_model_is_the_same_one_wherever_it_lies(tmp_path: Path, forwarded: list[int]) -> None:
    # A saved run calls it by the folder's name alone; its predictions are to find what the fit has computed.
    data, original, saved = dataset_of(pictures(4)), TinyBackbone(), TinyBackbone()
    original.card = original.card.model_copy(update={"id": str(tmp_path / "mine")})
    saved.card = Network(card=original.card, architecture=original.architecture).card
    assert saved.card.id == "./mine"
    first = rows(extracted(data, original))
    passes = len(forwarded)
    assert np.array_equal(rows(extracted(data, saved)), first)
    assert len(forwarded) == passes


@pytest.mark.parametrize("mirrored", [False, True])
def test_features_of_several_layers(mirrored: bool) -> None:
    images, backbone = pictures(40), StagedBackbone()
    table = extract(
        dataset_of(images), backbone, input=FACTS, device="cpu", precision="float32", mirrored=mirrored, kind="stages"
    )
    inputs = normalise(torch.from_numpy(images), FACTS)
    with torch.inference_mode():
        views = [backbone.eval().forward_stages(one).stages for one in ([inputs, inputs.flip(-1)][: 1 + mirrored])]
    assert table.width == backbone.stage_width == 12
    np.testing.assert_allclose(table.rows(np.arange(40)), sum(views) / len(views), rtol=1e-4, atol=1e-5)


def test_pooled_features_and_those_of_several_layers_do_not_stand_in_for_each_other(forwarded: list[int]) -> None:
    data, backbone = dataset_of(pictures(3)), StagedBackbone()
    widths = [
        extract(data, backbone, input=FACTS, device="cpu", precision="float32", kind=kind).width
        for kind in ("pooled", "stages", "pooled", "stages")
    ]
    assert widths == [6, 12, 6, 12]
    assert sum(forwarded) == 6
    assert len({file.path.parent for file in segment_files(features_folder())}) == 2
