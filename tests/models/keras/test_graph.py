"""Graphs of Keras, cut off after their features."""

from __future__ import annotations

import importlib
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from headstart.core.errors import ModelError
from headstart.models.keras.graph import blocks, cut, described, leaves, prepares_itself, read, rebuilt
from headstart.models.networks.tracing import Place
from tests.models.hub_samples import needs_keras


@pytest.fixture
def files(keras_folder: Path) -> Path:
    return keras_folder


@pytest.mark.parametrize(
    ("name", "place", "classifier", "last"),
    [
        ("classifier", "before:top", "top", "GlobalAveragePooling2D"),
        ("headless", "output", None, "GlobalAveragePooling2D"),
        ("maps", "output", None, "Activation"),
        ("grey", "before:top", "top", "Reshape"),
    ],
)
def test_features_are_found(files: Path, name: str, place: str, classifier: str | None, last: str) -> None:
    made = cut(read(files / f"{name}.keras"), model="m")
    assert made.place.text == place
    assert getattr(made.classifier, "name", None) == classifier
    assert type(list(leaves(made.body))[-1]).__name__ == last


def test_the_place_can_be_said(files: Path) -> None:
    network = read(files / "classifier.keras")
    assert cut(network, model="m", place=Place("after", "stem")).body.output.shape[-1] == 8
    assert cut(network, model="m", place=Place("before", "top")).classifier.name == "top"
    with pytest.raises(ModelError, match="no layer 'stam'. Did you mean 'stem'") as raised:
        cut(network, model="m", place=Place("after", "stam"))
    assert "#features=before:LAYER" in raised.value.hint
    with pytest.raises(ModelError, match="neither features nor maps"):
        cut(read(files / "other.keras"), model="m")


def test_a_file_with_code_in_it_or_none_at_all_is_refused(files: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="Lambda") as raised:
        read(files / "code.keras")
    assert "never runs out of a file" in raised.value.hint
    (tmp_path / "x.keras").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="cannot be read as a model of Keras"):
        read(tmp_path / "x.keras")


def test_a_description_builds_the_graph_again(files: Path) -> None:
    made = cut(read(files / "classifier.keras"), model="m")
    config = described(made.body)
    before = json.dumps(config)
    again = rebuilt(config, model="m")
    assert json.dumps(config) == before
    assert [type(layer) for layer in leaves(again)] == [type(layer) for layer in leaves(made.body)]
    assert prepares_itself(again)


def test_tensorflow_is_not_imported_to_describe_a_graph(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    lazy = importlib.import_module("keras.src.utils.module_utils").tensorflow
    monkeypatch.setattr(lazy, "_available", None)
    monkeypatch.setattr(lazy, "initialize", lambda: asked.append("tensorflow"))
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    described(cut(read(files / "classifier.keras"), model="m").body)
    assert asked == []
    assert lazy._available is None


@pytest.mark.parametrize(
    "config",
    [
        {"module": "os", "class_name": "system", "config": {"command": "exit"}, "registered_name": None},
        {"module": "builtins", "class_name": "function", "config": "system", "registered_name": "os.system"},
        {"module": "keras.layers", "class_name": "ReLU", "config": {"name": "x"}, "registered_name": None},
        {"nothing": 1},
    ],
)
def test_a_description_of_something_else_is_refused(config: dict[str, Any]) -> None:
    needs_keras()
    with pytest.raises(ModelError, match="The description of m is"):
        rebuilt(config, model="m")


def test_blocks_are_told_by_the_names_of_layers() -> None:
    names = [
        ("Conv1", False),
        ("bn_Conv1", True),
        ("block_1_expand", False),
        ("block_1_bn", True),
        ("block_2_expand", False),
        ("conv2_block1_1_conv", False),
        ("conv2_block1_1_bn", True),
        ("conv2_block2_1_conv", False),
        ("x_stage_0_block_0_conv", False),
        ("x_stage_0_block_1_conv", False),
        ("dense", False),
    ]
    assert blocks(names) == [0, 0, 1, 1, 2, 3, 3, 4, 5, 6, 7]


def test_a_description_that_names_a_huge_layer_is_refused_before_it_is_made(files: Path, tmp_path: Path) -> None:
    crafted = tmp_path / "huge.keras"
    with zipfile.ZipFile(files / "classifier.keras") as whole, zipfile.ZipFile(crafted, "w") as other:
        for name in whole.namelist():
            content = whole.read(name)
            if name == "config.json":
                assert b'"units": 5' in content
                content = content.replace(b'"units": 5', b'"units": 5000000000')
            other.writestr(name, content)
    with pytest.raises(ModelError, match=r"huge.keras is described as a network of 60,000,000,\d+ weights or more"):
        read(crafted)
