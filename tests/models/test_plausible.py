"""Descriptions of networks that cannot be meant are refused before memory is taken for them."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from headstart import models
from headstart.core.errors import ModelError
from headstart.models import plausible
from headstart.models.plausible import bounded, check_held, check_memory, check_numbers
from tests.encoders import write_encoder
from tests.models.samples import change_json, timm_folder, torchvision_folder, transformers_folder, write_json

MOST_GROWTH = 256 * 2**20
"""Bytes that refusing may cost at most; each of these networks would need gigabytes at least."""


@pytest.fixture
def frugal() -> Iterator[None]:
    """Fail where the most memory that this process ever had has grown."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < MOST_GROWTH


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"num_hidden_layers": 10**9}, "1,000,000,000 for 'num_hidden_layers'"),
        ({"vision_config": {"depths": [2, 10**7]}}, "10,000,000 for 'depths'"),
        ({"num_labels": 10**12}, "1,000,000,000,000 for 'num_labels'"),
        ({"image_size": 10**6}, "1,000,000 for 'image_size'"),
        ({"n_layers": 10**400}, "beyond all measure for 'n_layers'"),
        ({"n_layers": float("nan")}, "for 'n_layers'"),
        ({"depths": [1] * 20_000}, "a list of 20,000 for 'depths'"),
    ],
)
def test_numbers_that_no_network_has(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ModelError, match=words):
        check_numbers(values, model="m")


def test_all_of_them_are_named_at_once_and_ordinary_ones_are_not() -> None:
    usual = {"hidden_size": 4096, "vocab_size": 250_000, "depths": [3, 3, 27, 3], "id2label": {"x": 10**9}}
    check_numbers(usual, model="m")
    with pytest.raises(ModelError) as raised:
        check_numbers({**usual, "image_size": 10**6, "num_labels": 10**8}, model="m")
    assert len(raised.value.problems) == 2


def test_a_network_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    from torch import nn

    monkeypatch.setattr(plausible, "MOST_PARTS", 50)
    with pytest.raises(ModelError, match="more than 50 parts"), bounded():
        nn.ModuleList(nn.Linear(1, 1) for _ in range(1000))
    nn.ModuleList(nn.Linear(1, 1) for _ in range(100))  # afterwards nothing is counted


def test_weights_that_the_files_or_the_machine_cannot_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "w").write_bytes(bytes(1000))
    check_held(250, [tmp_path / "w"], model="m")
    with pytest.raises(ModelError, match="a network of 1,001 weights, and its files have 1,000 bytes"):
        check_held(1001, [tmp_path / "w"], model="m")
    monkeypatch.setattr(plausible, "_memory", lambda: 4_000_000_000)
    check_memory(10**9, model="m")
    with pytest.raises(ModelError, match=r"need 40.0 GB; this machine has 4.0 GB"):
        check_memory(10**10, model="m")
    monkeypatch.setattr(plausible, "_memory", lambda: 0)
    check_memory(10**15, model="m")  # nothing is known


def hf(folder: Path, **changes: Any) -> Path:
    change_json(transformers_folder(folder, "vit") / "config.json", **changes)
    return folder


def text(folder: Path, **changes: Any) -> Path:
    change_json(write_encoder(folder) / "config.json", **changes)
    return folder


def timm(folder: Path, name: str = "test_vit", **arguments: Any) -> Path:
    change_json(timm_folder(folder, name) / "config.json", model_args=arguments)
    return folder


HUGE: dict[str, Callable[[Path], Path]] = {
    "hf wide": lambda folder: hf(folder, hidden_size=2**22, intermediate_size=2**22),
    "hf deep": lambda folder: hf(folder, num_hidden_layers=10**9),
    "hf large": lambda folder: hf(folder, image_size=10**7),
    "hf labels": lambda folder: hf(folder, id2label=None, num_labels=10**10),
    "text wide": lambda folder: text(folder, hidden_size=2**22),
    "text words": lambda folder: text(folder, vocab_size=2**40),
    "text deep": lambda folder: text(folder, num_hidden_layers=10**9),
    "timm wide": lambda folder: timm(folder, embed_dim=2**22),
    "timm deep": lambda folder: timm(folder, depth=10**9),
}


@pytest.fixture(params=HUGE)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    made = HUGE[request.param](tmp_path / "model")
    models.load("starter/tiny-resnet")  # the libraries are imported before memory is looked at
    return made


def test_a_config_that_names_a_huge_network_is_refused(folder: Path, frugal: None) -> None:
    with pytest.raises(ModelError):
        models.load(str(folder))
    with pytest.raises(ModelError):
        models.load(str(folder), pretrained=False)


def test_a_network_is_not_made_for_which_there_is_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [
        timm_folder(tmp_path / "timm", "test_resnet"),
        transformers_folder(tmp_path / "hf", "resnet"),
        torchvision_folder(tmp_path / "torchvision", "mobilenet_v3_small"),
        write_encoder(tmp_path / "text"),
    ]
    loaded = [models.load(str(folder)) for folder in folders]
    monkeypatch.setattr(plausible, "_memory", lambda: 1000)
    for folder, backbone in zip(folders, loaded, strict=True):
        for make in (
            lambda folder=folder: models.load(str(folder)),
            lambda folder=folder: models.load(str(folder), pretrained=False),
            lambda backbone=backbone: models.build(backbone.architecture, backbone.card),
        ):
            with pytest.raises(ModelError, match="this machine has"):
                make()


def test_a_tower_is_held_to_the_same(tmp_path: Path, frugal: None) -> None:
    write_json(tmp_path / "config.json", {"model_type": "siglip", "vision_config": {"num_hidden_layers": 10**9}})
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(ModelError, match="num_hidden_layers"):
        models.card(str(tmp_path))
