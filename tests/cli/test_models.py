"""`headstart models list|show|pull`, as a person meets them."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pytest

from headstart.cli import main
from headstart.models.catalogue import catalogued
from tests.cli.command import headstart
from tests.models.samples import timm_folder


@pytest.fixture
def torch_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    return tmp_path / "hub" / "checkpoints"


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["models", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_list_is_the_shortlist(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = answer(capsys, "list")
    assert code == 0
    assert all(card.id in out for card in catalogued())
    line = next(line for line in out.splitlines() if line.startswith("timm/resnet50.a1_in1k"))
    assert line.split()[1:6] == ["23.5", "M", "224", "81.2%", "Apache-2.0"]


def test_the_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = answer(capsys, "list", "timm/resnet50*", "--json")
    (entry,) = json.loads(out)["models"]
    assert code == 0
    assert (entry["id"], entry["parameters"], entry["where"]) == ("timm/resnet50.a1_in1k", 23_508_032, "hub")


def test_the_list_says_what_is_installed(capsys: pytest.CaptureFixture[str]) -> None:
    last = answer(capsys, "list")[1].splitlines()[-1]
    assert last.startswith("sources: timm (timm ")
    assert f"torchvision (torchvision {version('torchvision')})" in last
    assert last.endswith("saved-run")
    sources = json.loads(answer(capsys, "list", "--json")[1])["sources"]
    there = {"source": "hf", "library": "transformers", "version": version("transformers"), "install": ""}
    assert there in sources


def test_models_of_torchvision(
    capsys: pytest.CaptureFixture[str], torch_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (torch_home / "resnet50-11ad3fa6.pth").touch()
    found = json.loads(answer(capsys, "list", "torchvision/*", "--json")[1])["models"]
    places = {entry["id"]: entry["where"] for entry in found}
    assert places["torchvision/resnet50:IMAGENET1K_V2"] == "cached"
    assert places["torchvision/convnext_tiny:IMAGENET1K_V1"] == "hub"
    many = json.loads(answer(capsys, "list", "torchvision/*", "--all", "--json")[1])["models"]
    assert len(many) > 100 > len(found)
    code, out, _ = answer(capsys, "show", "torchvision/resnet18")
    assert code == 0
    for words in ("torchvision/resnet18:IMAGENET1K_V1", "11.2 M, 512 features", "69.8%", "BSD-3-Clause", "missing"):
        assert words in out


def test_everything_that_timm_knows(capsys: pytest.CaptureFixture[str]) -> None:
    few = json.loads(answer(capsys, "list", "timm/resnet50*", "--json")[1])["models"]
    many = json.loads(answer(capsys, "list", "timm/resnet50*", "--all", "--json")[1])["models"]
    assert len(many) > 10 * len(few)


def test_a_pattern_that_nothing_matches(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = answer(capsys, "list", "xyz*")
    assert code == 0
    assert "No model matches 'xyz*'" in out


def test_the_facts_of_a_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = timm_folder(tmp_path / "mine", "test_resnet")
    code, out, _ = answer(capsys, "show", str(folder))
    assert code == 0
    for words in ("MIT", "Kinds", "160 x 160, 3 channels", "5: kind 0, kind 1", "availability   local", "sha256:"):
        assert words in out
    facts = json.loads(answer(capsys, "show", str(folder), "--json")[1])
    assert (facts["width"], facts["availability"]) == (96, "local")


def test_the_facts_of_a_model_that_is_out_of_reach(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = answer(capsys, "show", "timm/resnet18")
    assert code == 0
    assert "timm/resnet18.a1_in1k" in out
    assert "availability   missing" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("pull", "timm/resnet18"), "headstart models pull timm/resnet18"),
        (("show", "timm/resnet1800"), "Did you mean"),
        (("show", "hf/org/name"), "cannot be had"),
        (("show", "resnet18"), "does not say where"),
        (("show", "./nowhere"), "does not exist"),
        (("lst",), "Did you mean 'list'"),
    ],
)
def test_mistakes_are_told_without_a_traceback(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    code, out, error = answer(capsys, *arguments)
    assert (code, out) == (2, "")
    assert words in error
    assert "Traceback" not in error


def test_pulling_what_is_here_says_where(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = timm_folder(tmp_path / "mine", "test_resnet")
    code, out, _ = answer(capsys, "pull", str(folder))
    assert code == 0
    assert str(folder) in out


def test_the_list_is_there_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from headstart.cli import main; main(['models', 'list']); "
        "print({'torch', 'timm', 'torchvision', 'transformers'} & set(sys.modules), file=sys.stderr)"
    )
    done = headstart(code=code, HF_HUB_CACHE=str(tmp_path))
    assert done.returncode == 0
    assert done.stderr.strip() == "set()"
    assert len(done.stdout.splitlines()) > 12
