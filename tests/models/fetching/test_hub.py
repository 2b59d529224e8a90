"""The hub and its cache: what is there, what is fetched, and how soon one is told that neither has it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from headstart.core.errors import ModelError
from headstart.models.fetching import hub
from headstart.models.fetching.hub import Repository, cached, cached_repositories, fetch, has_weights, reachable, wanted
from tests.models.fake_hub import COMMIT, Hub, serve
from tests.models.samples import into_cache, timm_folder, write_json

REPOSITORY = Repository("timm/test_resnet.r160_in1k")


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEADSTART_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("text", "name", "revision"),
    [("org/name", "org/name", "main"), ("org/name@v1.0", "org/name", "v1.0"), ("o-r.g/n_a@pr/7", "o-r.g/n_a", "pr/7")],
)
def test_repositories(text: str, name: str, revision: str) -> None:
    repository = Repository.parse(text)
    assert (repository.name, repository.revision) == (name, revision)
    assert str(repository) == text


@pytest.mark.parametrize(
    "text", ["name", "a/b/c", "org/na me", "org/name@", "../name", "org/..", "org/name@../x", "/x", ""]
)
def test_what_is_no_repository(text: str) -> None:
    with pytest.raises(ModelError, match="ORG/NAME"):
        Repository.parse(text)


def test_nothing_is_cached_at_first() -> None:
    assert cached(REPOSITORY) is None
    assert cached_repositories() == []
    assert not has_weights(None)


def test_a_cached_snapshot_by_branch_and_by_commit(hub_cache: Path, tmp_path: Path) -> None:
    write_json(tmp_path / "a" / "config.json", {})
    into_cache(hub_cache, REPOSITORY.name, tmp_path / "a", commit=COMMIT)
    for revision in ("main", COMMIT):
        found = cached(Repository(REPOSITORY.name, revision))
        assert found is not None
        assert (found.commit, found.folder.name) == (COMMIT, COMMIT)
        assert not has_weights(found)
    assert cached(Repository(REPOSITORY.name, "b" * 40)) is None
    assert cached(Repository(REPOSITORY.name, "v2")) is None
    assert cached_repositories() == [REPOSITORY]


def test_a_reference_that_leads_elsewhere_is_not_followed(hub_cache: Path, tmp_path: Path) -> None:
    home = hub_cache / "models--org--name"
    (home / "refs").mkdir(parents=True)
    (home / "snapshots").mkdir()
    (home / "refs" / "main").write_text("../../../..")
    assert cached(Repository("org/name")) is None


def test_the_smallest_safe_set_of_files_is_wanted() -> None:
    names = ["README.md", "config.json", "model.safetensors", "pytorch_model.bin", "flax.msgpack", "onnx/model.onnx"]
    assert wanted(names, weights=True) == ["config.json", "README.md", "model.safetensors"]
    assert wanted(names, weights=False) == ["config.json", "README.md"]
    shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    assert wanted([*shards, "model.safetensors.index.json"], weights=True) == ["model.safetensors.index.json", *shards]
    assert wanted(["pytorch_model.bin", "model.pth"], weights=True) == ["pytorch_model.bin"]
    assert wanted([], weights=True) == []


def test_offline_no_socket_is_opened_and_the_way_out_is_named(hub_cache: Path) -> None:
    started = time.monotonic()
    with pytest.raises(ModelError) as raised:
        fetch(REPOSITORY, need="weights", may_ask=True, model=f"timm/{REPOSITORY.name}")
    assert time.monotonic() - started < 2
    assert "network may not be used" in str(raised.value)
    assert f"headstart models pull timm/{REPOSITORY.name}" in raised.value.hint
    assert "models--timm--test_resnet.r160_in1k" in raised.value.hint
    assert str(hub_cache) in str(raised.value)


def test_offline_the_cache_serves(hub_cache: Path, tmp_path: Path) -> None:
    into_cache(hub_cache, REPOSITORY.name, timm_folder(tmp_path / "a", "test_resnet"))
    assert has_weights(fetch(REPOSITORY, need="weights", may_ask=False, model="m"))


def test_a_cache_without_weights_serves_the_structure_only(hub_cache: Path, tmp_path: Path) -> None:
    write_json(tmp_path / "a" / "config.json", {})
    into_cache(hub_cache, REPOSITORY.name, tmp_path / "a")
    assert fetch(REPOSITORY, need="structure", may_ask=False, model="m").folder.is_dir()
    for need in ("card", "weights"):
        with pytest.raises(ModelError, match="cannot be had"):
            fetch(REPOSITORY, need=need, may_ask=False, model="m")


def test_a_name_that_is_never_found_is_given_up_soon(online: None, monkeypatch: pytest.MonkeyPatch) -> None:
    woken = threading.Event()

    def hang(*arguments: object, **options: object) -> object:
        woken.wait(30)
        raise socket.gaierror("too late")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setattr(hub, "SECONDS", 0.3)
    started = time.monotonic()
    assert not reachable()
    assert time.monotonic() - started < 3
    asked_again = time.monotonic()
    assert not reachable()
    assert time.monotonic() - asked_again < 0.2
    woken.set()


def test_without_a_connection_one_is_told_at_once(online: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> object:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    started = time.monotonic()
    with pytest.raises(ModelError, match="does not answer"):
        fetch(REPOSITORY, need="weights", may_ask=True, model="m")
    assert time.monotonic() - started < 3


def run(hub_: Hub, cache: Path, code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A process of its own, because the hub's library reads its settings once, when it is imported."""
    given = {
        "HF_ENDPOINT": hub_.endpoint,
        "HF_HUB_CACHE": str(cache),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_OFFLINE": "0",
        "HEADSTART_OFFLINE": "0",
    }
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **given, **environment},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


PULL = """
from headstart.models.fetching import hub
from headstart.core.errors import ModelError
try:
    found = hub.fetch(hub.Repository.parse({name!r}), need={need!r}, may_ask=True, model="m")
    print(found.commit, sorted(file.name for file in found.folder.iterdir()))
except ModelError as error:
    print("ERROR", error)
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = timm_folder(tmp_path / "hub", "test_resnet")
    (folder / "README.md").write_text("---\nlicense: mit\n---\n")
    (folder / "pytorch_model.bin").write_bytes(b"never fetched")
    return folder


def test_the_hub_comes_first_and_its_cache_serves_afterwards(repository: Path, hub_cache: Path) -> None:
    with serve(Hub({"org/name": repository})) as served:
        described = run(served, hub_cache, PULL.format(name="org/name", need="card"))
        assert described.stdout.split(" ", 1) == [COMMIT, "['README.md', 'config.json']\n"], described.stderr
        assert not any("safetensors" in path for path in served.asked)
        pulled = run(served, hub_cache, PULL.format(name="org/name", need="weights"))
        assert "['README.md', 'config.json', 'model.safetensors']" in pulled.stdout, pulled.stderr
        assert not any("pytorch_model.bin" in path for path in served.asked)
        asked = len(served.asked)
        offline = run(served, hub_cache, PULL.format(name="org/name", need="weights"), HF_HUB_OFFLINE="1")
        assert offline.stdout == pulled.stdout
        assert len(served.asked) == asked
    gone = run(served, hub_cache, PULL.format(name="org/name", need="weights"))
    assert gone.stdout == pulled.stdout


def test_a_repository_that_the_hub_does_not_have(repository: Path, hub_cache: Path) -> None:
    with serve(Hub({"org/name": repository})) as served:
        done = run(served, hub_cache, PULL.format(name="org/other", need="weights"))
    assert "ERROR m cannot be had: the hub has no repository org/other" in done.stdout


def test_content_that_is_not_what_the_hub_says_is_thrown_away(repository: Path, hub_cache: Path) -> None:
    with serve(Hub({"org/name": repository}, lie=True)) as served:
        done = run(served, hub_cache, PULL.format(name="org/name", need="weights"))
    assert "ERROR model.safetensors arrived damaged" in done.stdout
    assert not has_weights(cached(Repository("org/name")))
    assert not [file for file in (hub_cache / "models--org--name" / "blobs").iterdir() if file.stat().st_size > 10_000]


SMALL_CHUNKS = "import huggingface_hub.constants as c; c.DOWNLOAD_CHUNK_SIZE = 2**16\n"
"""The library writes ten megabytes at a time, and what it has not written is lost."""


def test_a_large_file_is_fetched_from_where_the_hub_sends_to(repository: Path, hub_cache: Path) -> None:
    """And a connection that breaks off in the middle is taken up where it stopped, in the same process."""
    size = (repository / "model.safetensors").stat().st_size
    with serve(Hub({"org/name": repository}, broken=1)) as served:
        done = run(served, hub_cache, SMALL_CHUNKS + PULL.format(name="org/name", need="weights"))
    assert "model.safetensors" in done.stdout, done.stderr
    assert "/large/model.safetensors" in served.asked
    first, second = served.ranges
    assert first == ""
    assert 0 < int(second.removeprefix("bytes=").removesuffix("-")) <= size // 2
    snapshot = cached(Repository("org/name"))
    assert snapshot is not None
    assert (snapshot.folder / "model.safetensors").read_bytes() == (repository / "model.safetensors").read_bytes()


def test_a_download_that_was_killed_is_taken_up_by_the_next(repository: Path, hub_cache: Path) -> None:
    size = (repository / "model.safetensors").stat().st_size
    killed = "import os, time; time.sleep = lambda seconds: os._exit(3)\n"  # the library waits before it tries again
    with serve(Hub({"org/name": repository}, broken=1)) as served:
        assert (
            run(served, hub_cache, SMALL_CHUNKS + killed + PULL.format(name="org/name", need="weights")).returncode == 3
        )
        assert not has_weights(cached(Repository("org/name")))
        (part,) = (hub_cache / "models--org--name" / "blobs").glob("*.part")
        there = part.stat().st_size
        assert 0 < there <= size // 2
        done = run(served, hub_cache, PULL.format(name="org/name", need="weights"))
    assert "model.safetensors" in done.stdout, done.stderr
    assert served.ranges == ["", f"bytes={there}-"]
    assert has_weights(cached(Repository("org/name")))


def test_a_gated_repository_says_what_its_authors_ask_for(repository: Path, hub_cache: Path) -> None:
    with serve(Hub({"org/name": repository}, gated=True)) as served:
        done = run(served, hub_cache, PULL.format(name="org/name", need="weights"))
    assert "ERROR m cannot be had: its authors ask you to accept their terms on the hub, and to log in" in done.stdout


def test_a_cached_one_with_nearly_this_name_is_pointed_out(hub_cache: Path, tmp_path: Path) -> None:
    into_cache(hub_cache, "org/name", timm_folder(tmp_path / "a", "test_resnet"))
    with pytest.raises(ModelError, match="Did you mean 'org/name'"):
        fetch(Repository("org/nmae"), need="weights", may_ask=False, model="hf/org/nmae")


OFFLINE = """
import os, sys

def refuse(event, arguments):
    internet = event == "socket.__new__" and arguments[1] in (2, 10)
    if internet or event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        os.write(2, f"NETWORK {event} {arguments}".encode())
        os._exit(9)  # an exception could be taken for a missing connection, or end a thread unseen

sys.addaudithook(refuse)
from headstart.cli import main
"""


def test_what_was_pulled_is_fitted_and_predicts_without_a_socket(
    repository: Path, hub_cache: Path, tmp_path: Path
) -> None:
    from tests.worlds import write_world

    data = write_world(tmp_path / "data")
    picture = next(file for file in data.rglob("*") if file.suffix in (".png", ".jpg"))
    with serve(Hub({"org/name": repository})) as served:
        pulled = run(
            served, hub_cache, "from headstart.cli import main; main(['models', 'pull', 'timm/hf-hub:org/name'])"
        )
        assert COMMIT in pulled.stdout, pulled.stderr
        asked = len(served.asked)
        fit = ["fit", str(data), "--model", "timm/hf-hub:org/name", "--strategy", "linear-probe"]
        fit += ["--output", str(tmp_path / "run"), "--offline"]
        predict = ["predict", str(tmp_path / "run"), str(picture), "--offline"]
        done = run(served, hub_cache, f"{OFFLINE}print('CODES', main({fit!r}), main({predict!r}))")
        assert "CODES 0 0" in done.stdout, done.stdout + done.stderr
        assert "NETWORK" not in done.stderr
        assert len(served.asked) == asked
        online = run(served, hub_cache, f"{OFFLINE}main(['models', 'show', 'timm/hf-hub:org/name'])")
        assert online.returncode == 9  # what refuses does refuse
        assert "NETWORK socket" in online.stderr
