"""Torch's cache: where it lies, what in it can be trusted, and fetching into it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from headstart.core.errors import ModelError
from headstart.models.fetching.torch_cache import checkpoints, digits_of, fetch, holding, is_sound, name_of, served

CONTENT = b"weights"
DIGITS = hashlib.sha256(CONTENT).hexdigest()[:8]
NAME = f"net-{DIGITS}.pth"


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEADSTART_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def address(tmp_path: Path) -> str:
    (tmp_path / NAME).write_bytes(CONTENT)
    return (tmp_path / NAME).as_uri()


@pytest.mark.parametrize("variables", [{"TORCH_HOME": "/a"}, {"XDG_CACHE_HOME": "/b"}, {}])
def test_it_lies_where_torch_has_it(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    import torch.hub

    for name in ("TORCH_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert checkpoints() == Path(torch.hub.get_dir()) / "checkpoints"


@pytest.mark.parametrize(
    ("name", "digits"),
    [
        ("resnet50-11ad3fa6.pth", "11ad3fa6"),
        ("mnasnet0.5_top1_67.823-3ffadce67e.pth", "3ffadce67e"),
        ("weights.pth", ""),
        ("net-abc.pth", ""),
    ],
)
def test_digits_of(name: str, digits: str) -> None:
    assert digits_of(name) == digits


def test_name_of() -> None:
    assert name_of("https://example.org/models/resnet50-11ad3fa6.pth?x=1") == "resnet50-11ad3fa6.pth"


def test_a_cached_file_is_found_by_its_hash(torch_cache: Path) -> None:
    torch_cache.mkdir(parents=True)
    assert holding(DIGITS) is None
    (torch_cache / NAME).write_bytes(CONTENT)
    assert holding(DIGITS) == torch_cache / NAME
    assert holding("") is None
    assert is_sound(torch_cache / NAME)
    (torch_cache / NAME).write_bytes(b"other")
    assert not is_sound(torch_cache / NAME)


def test_the_same_weights_under_another_name_will_do(address: str, torch_cache: Path) -> None:
    torch_cache.mkdir(parents=True)
    other = torch_cache / f"other-{DIGITS}.pth"
    other.write_bytes(CONTENT)
    assert fetch(address, may_ask=False, model="m") == other


def test_what_is_not_cached_is_fetched_once(address: str, torch_cache: Path, online: None) -> None:
    file = fetch(address, may_ask=True, model="m")
    assert (file, file.read_bytes()) == (torch_cache / NAME, CONTENT)
    Path(address.removeprefix("file://")).unlink()
    assert fetch(address, may_ask=False, model="m") == file


def test_a_damaged_file_is_fetched_again(address: str, torch_cache: Path, online: None) -> None:
    torch_cache.mkdir(parents=True)
    (torch_cache / NAME).write_bytes(b"other")
    with pytest.raises(ModelError, match="is damaged"):
        fetch(address, may_ask=False, model="m")
    assert fetch(address, may_ask=True, model="m").read_bytes() == CONTENT


def test_what_arrives_with_another_hash_is_refused(tmp_path: Path, torch_cache: Path, online: None) -> None:
    (tmp_path / NAME).write_bytes(b"other")
    with pytest.raises(ModelError, match="invalid hash"):
        fetch((tmp_path / NAME).as_uri(), may_ask=True, model="m")
    assert list(torch_cache.iterdir()) == []


def test_offline_nothing_is_asked(address: str, torch_cache: Path) -> None:
    assert os.environ["HEADSTART_OFFLINE"] == "1"
    assert not served("https://example.org/x")
    with pytest.raises(ModelError, match="network may not be used") as raised:
        fetch(address, may_ask=True, model="torchvision/net")
    assert "headstart models pull torchvision/net" in raised.value.hint
    assert NAME in raised.value.hint


def test_a_server_that_does_not_answer(torch_cache: Path, online: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from headstart.models.fetching import torch_cache as module

    asked: list[str] = []
    monkeypatch.setattr(module, "answers", lambda address: bool(asked.append(address)))
    with pytest.raises(ModelError, match=r"example\.org does not answer within 3 seconds"):
        fetch(f"https://example.org/a/{NAME}", may_ask=True, model="m")
    assert asked == ["https://example.org"]


def test_a_file_that_is_not_there(tmp_path: Path, torch_cache: Path, online: None) -> None:
    with pytest.raises(ModelError, match="failed"):
        fetch((tmp_path / NAME).as_uri(), may_ask=True, model="m")
    assert torch_cache.is_dir()
    assert torch_cache != tmp_path
