"""`headstart cache` on an empty cache and on one with features of two models."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from headstart.cli import main
from headstart.core.card import Architecture, InputFacts
from headstart.core.dataset import Stamp
from headstart.data.facts import row_of
from headstart.data.facts_cache import Fact, FactsCache
from headstart.data.picture import Header
from headstart.features.key import FeatureKey
from headstart.features.store import FeatureStore


@pytest.fixture
def two_models(own_cache: Path) -> Path:
    for model, items in (("timm/one", 3), ("starter/two", 2)):
        key = FeatureKey(
            model=model,
            revision="",
            weights="0" * 32,
            architecture=Architecture(source="timm", name="one"),
            input=InputFacts(),
            view="plain",
            decoding=1,
            precision="float32",
            width=4,
        )
        with FeatureStore(key).writer() as writer:
            writer.append(np.arange(items * 16, dtype=np.uint8).reshape(items, 16), np.ones((items, 4), np.float32))
    return own_cache


def test_an_empty_cache_says_so(capsys: pytest.CaptureFixture[str], own_cache: Path) -> None:
    assert main(["cache", "show"]) == 0
    text = capsys.readouterr().out
    assert str(own_cache) in text
    assert "It is empty." in text
    assert text.endswith("facts-2.sqlite: 0 bytes, facts about 0 files\n")


def test_what_is_cached_is_listed_by_model(capsys: pytest.CaptureFixture[str], two_models: Path) -> None:
    assert main(["cache", "show"]) == 0
    head, _, titles, *rows, _, facts = capsys.readouterr().out.splitlines()
    assert str(two_models) in head
    assert titles.split()[:3] == ["model", "precision", "pictures"]
    assert {tuple(row.split()[:3]) for row in rows} == {("timm/one", "float32", "3"), ("starter/two", "float32", "2")}
    assert facts.endswith("facts about 0 files")


def test_clearing_takes_only_what_matches(capsys: pytest.CaptureFixture[str], two_models: Path) -> None:
    assert main(["cache", "clear", "timm/*", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["freed_bytes"] > 0
    assert main(["cache", "show", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [entry["key"]["model"] for entry in shown["entries"]] == ["starter/two"]
    assert main(["cache", "clear"]) == 0
    assert "free." in capsys.readouterr().out
    assert main(["cache", "show", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["entries"] == []


def test_facts_about_files_are_shown_and_go_with_everything(
    capsys: pytest.CaptureFixture[str], own_cache: Path
) -> None:
    row = row_of(Header("PNG", "RGB", 7, 5), content=bytes(16), size=100)
    with FactsCache() as cache:
        cache.add([(Stamp("/photos/one.jpg", 100, 1), Fact(row))])
    assert main(["cache", "clear", "timm/*"]) == 0
    capsys.readouterr()
    assert main(["cache", "show", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["facts"]["files"] == 1
    assert main(["cache", "clear", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["freed_bytes"] > 0
    assert list(own_cache.glob("facts*")) == []


def test_the_group_has_a_help_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache"]) == 0
    text = capsys.readouterr().out
    assert "cache show" in text
    assert "cache clear" in text
    assert "doctor" not in text
