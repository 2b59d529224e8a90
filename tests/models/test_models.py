"""The entry to models: one function for each thing that can be done with an id."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from headstart import models
from headstart.core import compatibility
from headstart.core.card import Architecture, ModelCard
from headstart.core.compatibility import CompatibilityError
from headstart.core.errors import ModelError, OptionError
from tests.models.samples import timm_folder, transformers_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return timm_folder(tmp_path / "mine", "test_resnet")


def test_importing_it_imports_no_library() -> None:
    code = "import sys, headstart.models; print({'torch', 'timm', 'transformers', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_folder_by_any_of_its_names(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    names = (str(folder), "./mine", "mine", f"timm/local-dir:{folder}", "timm/local-dir:mine")
    cards = [models.card(name) for name in names]
    assert {card.revision for card in cards} == {cards[0].revision}
    assert [card.id for card in cards] == [str(folder), "./mine", "./mine", str(folder), "./mine"]
    assert all(models.card(card.id) == card for card in cards)


def test_a_changed_file_has_another_revision(folder: Path) -> None:
    before = models.card(str(folder)).revision
    file = folder / "model.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    assert models.card(str(folder)).revision != before


OFFLINE_ANYWAY = """
import socket, sys

def refuse(*arguments, **options):
    print("NETWORK", arguments, flush=True)
    raise OSError("no network")

socket.getaddrinfo = socket.socket.connect = refuse
from headstart import models
for folder in sys.argv[1:]:
    models.load(folder)
    print("loaded")
"""


def test_a_folder_asks_nobody_even_where_the_network_may_be_used(folder: Path, tmp_path: Path) -> None:
    other = transformers_folder(tmp_path / "theirs", "resnet")
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE_ANYWAY, str(folder), str(other)],
        env={**os.environ, "HEADSTART_OFFLINE": "0", "HF_HUB_OFFLINE": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["loaded", "loaded"]


def test_unknown_sources_and_names() -> None:
    with pytest.raises(ModelError, match="Did you mean 'timm'"):
        models.load("tim/resnet50")
    with pytest.raises(ModelError, match="Did you mean 'resnet50"):
        models.load("timm/resnet5O")
    with pytest.raises(OptionError, match="Unknown source"):
        models.build(Architecture(source="nowhere", name="x"), ModelCard(id="x", source="nowhere"))


def test_list_cards(folder: Path) -> None:
    assert {card.source for card in models.list_cards("timm/test_*")} == {"timm"}
    assert [card.id for card in models.list_cards(str(folder))] == [str(folder)]
    assert "hf/facebook/dinov2-base" in {card.id for card in models.list_cards("hf/*")}
    assert models.list_cards("no/such*") == []


def test_packages_that_do_not_fit_are_named_before_they_are_imported(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compatibility, "version", {"torch": "2.13.0+cpu", "torchvision": "0.28.0"}.__getitem__)
    for call in (models.card, models.load, models.pull, models.list_cards):
        with pytest.raises(CompatibilityError, match="force-reinstall"):
            call(str(folder))


def test_pulling_a_folder_is_looking_at_it(folder: Path) -> None:
    assert models.pull(str(folder)) == models.card(str(folder))
