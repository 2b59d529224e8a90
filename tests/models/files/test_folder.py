"""Local folders of models: told apart, read, and refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headstart.core.errors import ModelError
from headstart.models.files import folder as folders
from headstart.models.files.folder import folder_id, front_matter, holds_images, licence_of, read_config, source_of
from tests.models.samples import write_json


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"architecture": "resnet18"}, "timm"),
        ({"model_type": "vit"}, "hf"),
        ({"model_type": "timm_wrapper", "architecture": "resnet18"}, "timm"),
    ],
)
def test_source_of(tmp_path: Path, config: dict[str, str], expected: str) -> None:
    write_json(tmp_path / "config.json", config)
    assert source_of(tmp_path) == expected


def test_weights_beside_a_readme_that_names_torchvision(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("- architecture: torchvision `resnet18`")
    with pytest.raises(ModelError, match=r"no config\.json"):
        source_of(tmp_path)
    (tmp_path / "model.safetensors").touch()
    assert source_of(tmp_path) == "torchvision"
    write_json(tmp_path / "config.json", {"model_type": "resnet"})
    assert source_of(tmp_path) == "hf"


def test_a_saved_run_has_a_description_and_weights(tmp_path: Path) -> None:
    write_json(tmp_path / "model.json", {})
    with pytest.raises(ModelError, match=r"no config\.json"):
        source_of(tmp_path)
    (tmp_path / "weights.safetensors").touch()
    assert source_of(tmp_path) == "saved-run"


def test_a_run_that_is_not_finished_says_so(tmp_path: Path) -> None:
    (tmp_path / "request.json").touch()
    (tmp_path / "model.json").touch()
    with pytest.raises(ModelError, match="not finished") as caught:
        source_of(tmp_path)
    assert f"headstart fit --resume {tmp_path}" in caught.value.hint
    (tmp_path / "weights.safetensors").touch()
    assert source_of(tmp_path) == "saved-run"


def test_a_pretraining_that_is_not_finished_is_gone_on_with_by_its_own_command(tmp_path: Path) -> None:
    write_json(tmp_path / "request.json", {"command": "pretrain"})
    with pytest.raises(ModelError, match="not finished") as caught:
        source_of(tmp_path)
    assert f"Finish it first: headstart pretrain --resume {tmp_path}" in caught.value.hint


def test_what_is_no_models_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    write_json(tmp_path / "other" / "config.json", {"name": "x"})
    (tmp_path / "empty").mkdir()
    for name, message in {
        "nowhere": "does not exist",
        "file": "is a file",
        "other": "neither",
        "empty": "no config.json",
    }.items():
        with pytest.raises(ModelError, match=message):
            source_of(tmp_path / name)


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", "\x00", "[" * 100_000, '{"a": 1'])
def test_a_config_that_is_no_object(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ModelError, match="config.json"):
        read_config(tmp_path)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(b"\xff\xfe\x00{")
    with pytest.raises(ModelError, match="not readable JSON"):
        read_config(tmp_path)


def test_a_config_of_gigabytes_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "LARGEST_CONFIG", 100)
    write_json(tmp_path / "config.json", {"a": "x" * 100})
    with pytest.raises(ModelError, match="no description of a model"):
        read_config(tmp_path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\nlicense: apache-2.0\ndatasets:\n- a\n---\n# T\n", {"license": "apache-2.0", "datasets": ["a"]}),
        ("# Just prose\n", {}),
        ("---\n: : :\n  - [\n---\n", {}),
        ("---\n- a list\n---\n", {}),
        ("", {}),
    ],
)
def test_front_matter(tmp_path: Path, text: str, expected: dict[str, object]) -> None:
    (tmp_path / "README.md").write_text(text)
    assert front_matter(tmp_path) == expected


def test_a_model_card_serves_where_there_is_no_readme(tmp_path: Path) -> None:
    assert front_matter(tmp_path) == {}
    (tmp_path / "MODEL_CARD.md").write_text("---\nlicense: mit\n---\n")
    assert front_matter(tmp_path) == {"license": "mit"}


@pytest.mark.parametrize(
    ("metadata", "otherwise", "expected"),
    [
        ({"license": "mit"}, "apache-2.0", "MIT"),
        ({}, "apache-2.0", "Apache-2.0"),
        ({"license": "other", "license_name": "Grant 1"}, None, "LicenseRef-grant-1"),
        ({"license": "other"}, None, "unknown"),
        ({"license": ["mit"]}, None, "unknown"),
        ({}, None, "unknown"),
    ],
)
def test_licence_of(metadata: dict[str, object], otherwise: object, expected: str) -> None:
    assert licence_of(metadata, otherwise) == expected


def test_holds_images(tmp_path: Path) -> None:
    assert not holds_images(tmp_path)
    write_json(tmp_path / "config.json", {"architectures": ["BertModel"]})
    assert not holds_images(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"architectures": ["ViTForImageClassification"]}))
    assert holds_images(tmp_path)


def test_folder_id_leads_back() -> None:
    assert folder_id(Path("models/mine")) == "./models/mine"
    assert folder_id(Path("../mine")) == "../mine"
    assert Path(folder_id(Path("mine").absolute())).is_absolute()
