"""From what a person writes to a source and a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.errors import ModelError
from headstart.models.identifiers import resolve
from tests.models.samples import write_json

SOURCES = ("timm", "hf", "starter")


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_json(tmp_path / "mine" / "config.json", {"architecture": "resnet18"})
    write_json(tmp_path / "theirs" / "config.json", {"model_type": "vit"})
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("timm/resnet50.a1_in1k", ("timm", "resnet50.a1_in1k")),
        (" timm/resnet50 ", ("timm", "resnet50")),
        ("timm/local-dir:somewhere/else", ("timm", "local-dir:somewhere/else")),
        ("timm/hf-hub:org/name@v1", ("timm", "hf-hub:org/name@v1")),
        ("hf/org/name@1234", ("hf", "org/name@1234")),
        ("starter/tiny", ("starter", "tiny")),
    ],
)
def test_ids_of_sources(model: str, expected: tuple[str, str]) -> None:
    assert resolve(model, sources=SOURCES) == expected


def test_local_folders_are_told_by_what_is_in_them(folders: Path) -> None:
    assert resolve("./mine", sources=SOURCES) == ("timm", "local-dir:mine")
    assert resolve("mine", sources=SOURCES) == ("timm", "local-dir:mine")
    assert resolve("../" + folders.name + "/theirs", sources=SOURCES)[0] == "hf"
    assert resolve(str(folders / "theirs"), sources=SOURCES) == ("hf", f"local-dir:{folders / 'theirs'}")


def test_a_source_wins_over_a_folder_of_its_name(folders: Path) -> None:
    write_json(folders / "timm" / "resnet50" / "config.json", {"model_type": "vit"})
    assert resolve("timm/resnet50", sources=SOURCES) == ("timm", "resnet50")
    assert resolve("./timm/resnet50", sources=SOURCES)[0] == "hf"


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("timn/resnet50", "Did you mean 'timm'"),
        ("resnet50", "does not say where"),
        ("timm", "names a source"),
        ("timm/", "names a source"),
        ("./nowhere", "does not exist"),
        ("~/surely/not/there", "does not exist"),
    ],
)
def test_other_texts_are_refused_with_a_way_on(folders: Path, model: str, message: str) -> None:
    with pytest.raises(ModelError, match=message) as raised:
        resolve(model, sources=SOURCES)
    if not model.startswith((".", "~")):
        assert "timm/NAME" in raised.value.hint


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("tiny-resnet", "starter/tiny-resnet"),
        ("tiny-resnt", "starter/tiny-resnet"),
        ("dinov2-small", "hf/facebook/dinov2-small"),
        ("resnet50.a1_in1k", "timm/resnet50.a1_in1k"),
    ],
)
def test_a_name_without_its_source_is_completed(name: str, meant: str) -> None:
    with pytest.raises(ModelError, match=f"Did you mean '{meant}'"):
        resolve(name, sources=["timm", "hf", "starter"])
