"""The machine that the process runs on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from headstart.core import runtime
from headstart.core.errors import OptionError
from headstart.core.runtime import cache_folder, cores, environment, offline, resolve_device, resolve_precision


def test_the_cache_is_where_the_user_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HEADSTART_CACHE", "~/here")
    assert cache_folder() == tmp_path / "here"
    monkeypatch.delenv("HEADSTART_CACHE")
    assert cache_folder().name == "headstart"


@pytest.mark.parametrize(("value", "forbidden"), [("1", True), ("TRUE", True), ("0", False), ("", False)])
@pytest.mark.parametrize("name", ["HEADSTART_OFFLINE", "HF_HUB_OFFLINE"])
def test_either_variable_forbids_the_network(
    name: str, value: str, forbidden: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for known in ("HEADSTART_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(known, raising=False)
    monkeypatch.setenv(name, value)
    assert offline() is forbidden


def test_going_offline_reaches_the_hub_libraries() -> None:
    code = (
        "from headstart.core.runtime import go_offline, offline; assert not offline(); go_offline(); assert offline();"
        "from huggingface_hub.constants import HF_HUB_OFFLINE; assert HF_HUB_OFFLINE"
    )
    names = ("HEADSTART_OFFLINE", "HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE")
    subprocess.run([sys.executable, "-c", code], env={**os.environ, **dict.fromkeys(names, "")}, check=True)


def test_at_least_one_core() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)


def test_the_device_is_one_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert resolve_device("auto") == resolve_device("cpu") == "cpu"
    with pytest.raises(OptionError, match="'cuda:1' is not available") as raised:
        resolve_device("cuda:1")
    assert raised.value.hint == "This machine has: cpu."
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert resolve_device("auto") == "mps"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert resolve_device("auto") == "cuda"
    assert resolve_device("cuda:1") == "cuda:1"


def test_a_precision_that_was_asked_for_is_taken() -> None:
    assert resolve_precision("float32", "cpu") == "float32"
    assert resolve_precision("bfloat16", "mps") == "bfloat16"


@pytest.fixture
def full_precision() -> None:
    """Here is what finds it out."""


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [({"avx512_bf16": True}, "bfloat16"), ({"amx_bf16": True}, "bfloat16"), ({"avx512": True}, "float32")],
)
def test_bfloat16_only_where_the_processor_multiplies_it(
    capabilities: dict[str, bool], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert resolve_precision("auto", "cpu") == expected


@pytest.mark.parametrize(("capability", "expected"), [((8, 0), "bfloat16"), ((7, 5), "float32")])
def test_bfloat16_only_where_the_graphics_card_has_it(
    capability: tuple[int, int], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert resolve_precision("auto", "cuda:0") == expected
    assert resolve_precision("auto", "mps") == "float32"


def test_a_run_records_its_machine() -> None:
    recorded = environment("cpu", "float32")
    assert recorded["torch"] == torch.__version__
    assert recorded["cores"] == str(runtime.cores())
    assert recorded["device"] == "cpu"
    assert all(isinstance(value, str) and value for value in recorded.values())


def test_code_of_models_is_allowed_by_the_environment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_ALLOW_CODE", "no")
    assert not runtime.code_allowed()
    runtime.allow_code()
    assert runtime.code_allowed()
