"""The hub and its cache on this machine: which files are there, and fetching those that are not.

Without a connection the hub's own library tries again and again for twenty seconds. So whether the hub answers is asked
first, once, with a limit of a few seconds; where it does not, or may not be asked, only the cache is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from headstart.core.errors import ModelError, did_you_mean
from headstart.core.runtime import offline
from headstart.models.fetching.reaching import answers
from headstart.models.fetching.resuming import damaged, fetch_large
from headstart.models.files.weights import INDEX, PICKLED, SAFE

SECONDS = 3.0
DESCRIPTIONS = (
    "config.json",
    "preprocessor_config.json",
    "README.md",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "sentencepiece.bpe.model",
    "spiece.model",
    "sentence_bert_config.json",
    "1_Pooling/config.json",
)
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_COMMIT = re.compile(r"[0-9a-f]{40}")

# What a model is asked for: its structure, to train it afresh; its card, which promises that the weights can be had;
# or the weights themselves.
Need = Literal["structure", "card", "weights"]


@dataclass(frozen=True)
class Repository:
    """A model's repository on the hub: `ORG/NAME`, at a branch, a tag or a commit."""

    name: str
    revision: str = "main"

    @classmethod
    def parse(cls, text: str) -> Repository:
        """Read `ORG/NAME` or `ORG/NAME@REVISION`. Raises `ModelError` for anything else."""
        name, at, revision = text.partition("@")
        if not _REPOSITORY.fullmatch(name) or ".." in text or (at and not re.fullmatch(r"[\w./-]+", revision)):
            raise ModelError(
                f"'{text}' is not a repository of the hub.", hint="Write ORG/NAME, or ORG/NAME@REVISION to pin it."
            )
        return cls(name, revision or "main")

    def __str__(self) -> str:
        return self.name if self.revision == "main" else f"{self.name}@{self.revision}"


@dataclass(frozen=True)
class Snapshot:
    """The files of a repository as they are on this machine, and the commit that they belong to."""

    folder: Path
    commit: str


def cache() -> Path:
    """The folder that the hub's libraries keep their files in."""
    from huggingface_hub.constants import HF_HUB_CACHE

    return Path(HF_HUB_CACHE)


def cached(repository: Repository) -> Snapshot | None:
    """What the cache holds of a repository, which may be a part of it; None where it holds nothing."""
    home = _home(repository)
    commit = repository.revision
    if not _COMMIT.fullmatch(commit):
        reference = home / "refs" / commit
        if not reference.is_file():
            return None
        commit = reference.read_text(encoding="utf-8").strip()
    folder = home / "snapshots" / commit
    return Snapshot(folder, commit) if _COMMIT.fullmatch(commit) and folder.is_dir() else None


def _home(repository: Repository) -> Path:
    return cache() / f"models--{repository.name.replace('/', '--')}"


def cached_repositories() -> list[Repository]:
    """Every repository of a model of which the cache holds the default branch."""
    homes = sorted(cache().glob("models--*--*"))
    found = [Repository(home.name.removeprefix("models--").replace("--", "/", 1)) for home in homes]
    return [repository for repository in found if _REPOSITORY.fullmatch(repository.name) and cached(repository)]


def has_weights(snapshot: Snapshot | None) -> bool:
    """Whether a snapshot holds all that loading needs."""
    from headstart.models.files.weights import weight_files

    try:
        return snapshot is not None and bool(weight_files(snapshot.folder))
    except ModelError:
        return False


def reachable() -> bool:
    """Whether the hub answers: asked at most once a minute, for at most three seconds, never when offline."""
    from huggingface_hub.constants import ENDPOINT

    return not offline() and answers(ENDPOINT, seconds=SECONDS)


def exists(repository: Repository) -> bool:
    """Whether the hub, which has to be reachable, has the repository."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HTTPError

    try:
        HfApi().model_info(repository.name, revision=repository.revision, timeout=SECONDS)
    except (HTTPError, OSError):
        return False
    return True


def fetch(repository: Repository, *, need: Need, may_ask: bool, model: str) -> Snapshot:
    """The snapshot of a repository: of the hub where it may be asked and answers, else of the cache.

    Weights are fetched only where they are needed. `model` is the id that errors speak of.
    Raises `ModelError`, saying how to pull it, where the hub cannot be reached and the cache does not hold it.
    """
    why = "the network may not be used"
    if may_ask and not offline():
        why = f"the hub does not answer within {SECONDS:.0f} seconds"
        if reachable():
            found = _download(repository, weights=need == "weights")
            if isinstance(found, Snapshot):
                return found
            why = found
    snapshot = cached(repository)
    if snapshot is not None and (has_weights(snapshot) or need == "structure"):
        return snapshot
    raise missing(model, repository, why)


def missing(model: str, repository: Repository, why: str) -> ModelError:
    """The error for a model that is neither reachable nor cached, with the way out."""
    folder = f"models--{repository.name.replace('/', '--')}"
    there = [str(other) for other in cached_repositories()]
    return ModelError(
        f"{model} cannot be had: {why}, and it is not in the cache {cache()}.{did_you_mean(str(repository), there)}",
        hint=f"On a machine with internet run: headstart models pull {model}\n"
        f"Then copy its folder {folder} from the cache there (headstart models pull prints the path) into the cache "
        "here. HF_HUB_CACHE names another cache; --model also takes a local folder.",
    )


def _download(repository: Repository, *, weights: bool) -> Snapshot | str:
    """The snapshot, brought up to date, or why that was not possible."""
    from huggingface_hub import HfApi, hf_hub_download
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError
    from huggingface_hub.errors import HTTPError as ConnectionFailed

    try:
        info = HfApi().model_info(repository.name, revision=repository.revision, timeout=10, files_metadata=weights)
        files = {file.rfilename: file for file in info.siblings or []}
        for name in wanted(files, weights=weights):
            large = files[name].lfs
            if large is not None and large.sha256 is not None:
                fetch_large(
                    repository.name,
                    name,
                    revision=info.sha or repository.revision,
                    sha256=large.sha256,
                    size=large.size,
                    blobs=_home(repository) / "blobs",
                )
            path = Path(hf_hub_download(repository.name, name, revision=repository.revision))
            if large is not None and large.sha256 is not None:
                _check_content(path, large.sha256)
    except GatedRepoError:
        return "its authors ask you to accept their terms on the hub, and to log in"
    except RepositoryNotFoundError:
        return f"the hub has no repository {repository.name} that you may read"
    except RevisionNotFoundError:
        return f"{repository.name} has no revision {repository.revision}"
    except (ConnectionFailed, OSError) as error:
        return f"the hub failed ({type(error).__name__}: {error})"
    return cached(repository) or f"{repository.name} has no files that describe a model"


def wanted(names: Iterable[str], *, weights: bool) -> list[str]:
    """Of a repository's files those that loading needs: the smallest set of weights that is safe to read."""
    there = set(names)
    found = [name for name in DESCRIPTIONS if name in there]
    if not weights:
        return found
    if SAFE in there:
        return [*found, SAFE]
    if INDEX in there:
        shards = sorted(name for name in there if re.fullmatch(r"model-\d+-of-\d+\.safetensors", name))
        return [*found, INDEX, *shards]
    return [*found, *[name for name in PICKLED if name in there][:1]]


def _check_content(file: Path, expected: str) -> None:
    """The hub's library does not compare what it has fetched with the hash that the hub gives."""
    from headstart.models.files.weights import identity

    if identity([file]) != f"sha256:{expected}":
        file.resolve().unlink()
        file.unlink(missing_ok=True)
        raise damaged(file.name)
