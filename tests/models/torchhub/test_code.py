"""Code of torch's hub: ids, fetching, and running it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from headstart.core.errors import ModelError
from headstart.models.fetching.torch_cache import checkpoints
from headstart.models.torchhub import code as hub_code
from headstart.models.torchhub.code import Code, create, entries_of, fetch, parse
from tests.models.hub_samples import hub_folder

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEADSTART_ALLOW_CODE", "1")
    return hub_folder(tmp_path / "net")


def test_an_id_names_a_repository_a_function_and_a_commit() -> None:
    code = parse(f"own-er/re.po:small@{COMMIT}")
    assert code == Code("small", "own-er", "re.po", COMMIT)
    assert code.id == f"torchhub/own-er/re.po:small@{COMMIT}"
    assert code.place == checkpoints().parent / f"own-er_re.po_{COMMIT}"
    assert not code.there


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("a/b:c@main", "'main' is not a full commit id"),
        (f"a/b:c@{COMMIT[:12]}", "is not a full commit id"),
        (f"a/b@{COMMIT}", "does not name a function"),
        ("a/b:c", "does not name a commit"),
        (f"../b:c@{COMMIT}", "does not name a repository"),
        (f"a/b/c:d@{COMMIT}", "does not name a repository"),
    ],
)
def test_other_ids_are_refused(model: str, said: str) -> None:
    with pytest.raises(ModelError, match=said) as raised:
        parse(model)
    assert "torchhub/OWNER/REPO:ENTRY@COMMIT" in raised.value.hint


def test_all_that_is_wrong_with_an_id_is_said_at_once() -> None:
    with pytest.raises(ModelError) as raised:
        parse("a")
    assert len(raised.value.problems) == 3


def test_a_local_folder_needs_the_name_of_a_function(folder: Path) -> None:
    assert entries_of(folder)[:3] == ["small", "untold", "fetching"]
    with pytest.raises(ModelError, match="It has: small, untold, fetching"):
        parse(f"local-dir:{folder}")
    code = parse(f"local-dir:{folder}:small")
    assert (code.entry, code.place, code.there) == ("small", folder, True)


def test_nothing_runs_that_was_not_allowed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADSTART_ALLOW_CODE")
    (folder / "hubconf.py").write_text("raise SystemExit('it ran')")
    with pytest.raises(ModelError, match="runs the Python code of the folder"):
        create(Code("small", folder=folder), folder, pretrained=True, may_ask=False)


def test_modules_of_the_code_are_forgotten(folder: Path) -> None:
    create(Code("small", folder=folder), folder, pretrained=True, may_ask=False)
    assert "parts" not in sys.modules
    assert str(folder) not in sys.path
    (folder / "parts.py").write_text((folder / "parts.py").read_text().replace("nn.Linear(8, 5)", "nn.Linear(8, 9)"))
    network, told = create(Code("small", folder=folder), folder, pretrained=False, may_ask=False)
    assert told
    assert network.head.out_features == 9  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("smal", "no function 'smal'. Did you mean 'small'"),
        ("broken", "failed: KeyError"),
        ("number", "gives a int, not a network"),
        ("fetching", "wants to fetch https://example.org/small-weights.pth"),
    ],
)
def test_code_that_gives_no_network(folder: Path, entry: str, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        create(Code(entry, folder=folder), folder, pretrained=True, may_ask=False)


def test_what_the_code_needs_is_said(folder: Path) -> None:
    (folder / "hubconf.py").write_text("dependencies = ['torch', 'no_such_library']\ndef small(): ...\n")
    with pytest.raises(ModelError, match="needs no_such_library, which is not installed"):
        create(Code("small", folder=folder), folder, pretrained=True, may_ask=False)


def test_a_repository_is_fetched_into_the_cache_of_torch(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    code = Code("small", "owner", "repo", COMMIT)
    with pytest.raises(ModelError, match="the network may not be used") as raised:
        fetch(code, may_ask=True)
    assert f"headstart models pull {code.id} --allow-code" in raised.value.hint
    for name in ("HEADSTART_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name)
    (tmp_path / "served" / "top").mkdir(parents=True)
    shutil.move(folder, tmp_path / "served" / "top" / f"owner-repo-{COMMIT[:7]}")
    archive = Path(shutil.make_archive(str(tmp_path / COMMIT), "zip", tmp_path / "served" / "top"))
    monkeypatch.setattr(hub_code, "ADDRESS", archive.parent.as_uri() + "/{commit}.zip")
    place = fetch(code, may_ask=True)
    assert place == tmp_path / "torch" / "hub" / f"owner_repo_{COMMIT}"
    assert code.there
    archive.unlink()
    assert fetch(code, may_ask=True) == place
    assert create(code, place, pretrained=True, may_ask=False)[1]
    other = Code("small", "owner", "repo", COMMIT[::-1])
    with pytest.raises(ModelError, match="failed"):
        fetch(other, may_ask=True)
