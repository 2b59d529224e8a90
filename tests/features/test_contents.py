"""What the cache says of itself, and emptying it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from headstart.core.errors import RunError
from headstart.features import contents as contents_module
from headstart.features.contents import clear, describe
from headstart.features.store import FeatureStore, features_folder
from tests.features.samples import contents, key_of, rows_of


@pytest.fixture
def two_models() -> None:
    for second, (model, count) in enumerate([("timm/one", 3), ("hf/two", 5)]):
        store = FeatureStore(key_of(model=model))
        with store.writer() as writer:
            writer.append(contents(count), rows_of(count))
        for index in store.folder.glob("*.index"):
            os.utime(index, (second + 1, second + 1))


def test_an_empty_cache() -> None:
    described = describe()
    assert (described.bytes, described.entries) == (0, ())
    assert described.folder == str(features_folder())
    assert clear() == 0


@pytest.mark.usefixtures("two_models")
def test_models_are_listed_last_used_first() -> None:
    described = describe()
    assert [(entry.key.model, entry.items, entry.used) for entry in described.entries] == [
        ("hf/two", 5, 2.0),
        ("timm/one", 3, 1.0),
    ]
    assert described.bytes == sum(entry.bytes for entry in described.entries) > 8 * 16


@pytest.mark.usefixtures("two_models")
def test_clearing_by_pattern_and_all() -> None:
    (features_folder() / "foreign").mkdir()
    (features_folder() / "foreign" / "file").write_text("of another version")
    assert clear("timm/*") > 3 * 16
    assert [entry.key.model for entry in describe().entries] == ["hf/two"]
    assert (features_folder() / "foreign").exists()
    clear()
    assert list(features_folder().iterdir()) == []


@pytest.mark.usefixtures("two_models")
def test_what_cannot_be_deleted_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(contents_module.shutil, "rmtree", refuse)
    with pytest.raises(RunError, match="Permission denied"):
        clear()


def test_looking_at_the_cache_does_not_import_torch() -> None:
    code = "import sys, headstart.features.contents as c; c.describe(); c.clear(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
