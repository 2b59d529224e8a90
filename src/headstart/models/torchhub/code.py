"""Code that builds networks, by the protocol of torch's hub: a folder with a `hubconf.py` whose functions give them."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from torch import nn

from headstart.core.errors import ModelError, did_you_mean
from headstart.core.runtime import offline
from headstart.models.fetching.torch_cache import checkpoints, served
from headstart.models.files.folder import HUBCONF, folder_id
from headstart.models.files.weights import escapes
from headstart.models.foreign_errors import in_short
from headstart.models.identifiers import FOLDER
from headstart.models.torchhub.consent import check_code_allowed

ADDRESS = "https://github.com/{owner}/{repository}/zipball/{commit}"
FORM = (
    "Write torchhub/OWNER/REPO:ENTRY@COMMIT with all 40 digits of the commit (a branch or a tag can be moved to other "
    "code), or ./FOLDER:ENTRY for a local folder with a hubconf.py."
)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_NAME = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True)
class Code:
    """A function of a `hubconf.py`: of a repository at a commit, or (`owner` empty) of a local folder.

    Code that travels with a run has been `saved_as` the id of the model that the run started from.
    """

    entry: str
    owner: str = ""
    repository: str = ""
    commit: str = ""
    folder: Path | None = None
    saved_as: str = ""

    @property
    def id(self) -> str:
        """What the whole id is, without options."""
        if self.saved_as:
            return self.saved_as
        if self.owner:
            return f"torchhub/{self.owner}/{self.repository}:{self.entry}@{self.commit}"
        return f"{folder_id(self.place)}:{self.entry}"

    @property
    def whose(self) -> str:
        """Whose code it is, in words."""
        if self.owner:
            return f"github.com/{self.owner}/{self.repository} at commit {self.commit}"
        return "a local folder, which travels with the run" if self.saved_as else f"the folder {self.folder}"

    @property
    def place(self) -> Path:
        """Where the code is on this machine, or would be: torch's own layout for repositories."""
        if self.folder is not None:
            return self.folder
        return checkpoints().parent / f"{self.owner}_{self.repository}_{self.commit}"

    @property
    def there(self) -> bool:
        """Whether it is on this machine."""
        return (self.place / HUBCONF).is_file()


def parse(model: str) -> Code:
    """What an id names, without its options. Raises `ModelError` with everything that is wrong with it."""
    if model.startswith(FOLDER):
        text = model.removeprefix(FOLDER)
        name, colon, entry = text.rpartition(":")
        if not colon or not (Path(name).expanduser() / HUBCONF).is_file():
            folder = Path(text).expanduser()
            known = f" It has: {', '.join(entries_of(folder))}." if (folder / HUBCONF).is_file() else ""
            raise ModelError(f"{text} does not say which function of {HUBCONF} gives the network.{known}", hint=FORM)
        return Code(entry, folder=Path(name).expanduser())
    where, at, commit = model.partition("@")
    repository, colon, entry = where.partition(":")
    owner, slash, name = repository.partition("/")
    problems = []
    if not (slash and _NAME.fullmatch(owner) and _NAME.fullmatch(name) and {owner, name}.isdisjoint({".", ".."})):
        problems.append(f"torchhub/{model} does not name a repository as OWNER/REPO.")
    if not colon or not entry.isidentifier():
        problems.append(f"torchhub/{model} does not name a function of {HUBCONF} after a colon.")
    if not at:
        problems.append(f"torchhub/{model} does not name a commit after an @.")
    elif not _COMMIT.fullmatch(commit):
        problems.append(f"'{commit}' is not a full commit id: those have 40 digits of 0-9 and a-f.")
    if problems:
        raise ModelError(problems, hint=FORM)
    return Code(entry, owner, name, commit)


def entries_of(folder: Path) -> list[str]:
    """The names that a `hubconf.py` defines or imports at its top, read and not run."""
    try:
        body = ast.parse((folder / HUBCONF).read_bytes()).body
    except (SyntaxError, ValueError):
        return []  # what is wrong with it is said when it is run
    defined = [node.name for node in body if isinstance(node, ast.FunctionDef)]
    imported = [alias.asname or alias.name for node in body if isinstance(node, ast.ImportFrom) for alias in node.names]
    return [name for name in dict.fromkeys([*defined, *imported]) if not name.startswith("_")]


def fetch(code: Code, *, may_ask: bool) -> Path:
    """The folder of the code, fetched into torch's cache where it is not there. Raises `ModelError`."""
    if code.there:
        return code.place
    if code.folder is not None:
        raise ModelError(f"{code.place} has no {HUBCONF}.", hint=FORM)
    address = ADDRESS.format(owner=code.owner, repository=code.repository, commit=code.commit)
    why = "the network may not be used" if not may_ask or offline() else ""
    why = why or ("" if served(address) else f"{address.split('/')[2]} does not answer")
    why = why or _download(address, code.place)
    if why:
        raise ModelError(
            f"The code of {code.id} cannot be had: {why}, and {code.place} is not there.",
            hint=f"On a machine with internet run: headstart models pull {code.id} --allow-code\n"
            f"Then copy that folder from there to {code.place.parent}. TORCH_HOME names another cache.",
        )
    return code.place


def _download(address: str, target: Path) -> str:
    """Unpack the archive of a repository into a folder. What went wrong, or nothing."""
    import tempfile

    import torch.hub

    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as name:
            file, files = Path(name) / "code.zip", Path(name) / "files"
            torch.hub.download_url_to_file(address, str(file), progress=False)
            with zipfile.ZipFile(file) as archive:
                if any(escapes(member) for member in archive.namelist()):
                    return f"the archive at {address} leads out of its folder"
                archive.extractall(files)
            (top,) = files.iterdir()
            if not (top / HUBCONF).is_file():
                return f"the repository has no {HUBCONF}"
            top.rename(target)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        return f"fetching {address} failed ({in_short(error)})"
    return ""


def create(code: Code, folder: Path, *, pretrained: bool, may_ask: bool) -> tuple[nn.Module, bool]:
    """Run the code in `folder`: a network, and whether the function could be told to give it with or without weights.

    Raises `ModelError` where running it was not allowed, where it fails, and where `pretrained` False is not heeded.
    """
    check_code_allowed(code.id, whose=code.whose)
    with _importable(folder), _network(allowed=may_ask and not offline(), model=code.id):
        try:
            entry = _entry(code, folder)
            arguments = _arguments(entry, pretrained=pretrained)
            network = entry(**(arguments or {}))
        except ModelError:
            raise
        except Exception as error:
            raise ModelError(
                f"The code of {code.id} failed: {in_short(error)}.",
                hint="It is the code of the model, not Headstart's: its README says what has to be installed for it.",
            ) from error
    if not isinstance(network, nn.Module):
        raise ModelError(f"{code.id} gives a {type(network).__name__}, not a network of torch.")
    return network.float(), arguments is not None


def _entry(code: Code, folder: Path) -> Callable[..., Any]:
    spec = importlib.util.spec_from_file_location("hubconf", folder / HUBCONF)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    needed = [name for name in getattr(module, "dependencies", ()) if importlib.util.find_spec(name) is None]
    if needed:
        raise ModelError(
            f"The code of {code.id} needs {', '.join(needed)}, which {'is' if len(needed) == 1 else 'are'} not "
            "installed.",
            hint=f"Install it: pip install {' '.join(needed)}",
        )
    found = getattr(module, code.entry, None)
    if not callable(found) or code.entry.startswith("_"):
        known = [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]
        raise ModelError(
            f"The {HUBCONF} of {code.id} has no function '{code.entry}'.{did_you_mean(code.entry, known)}",
            hint=f"It has: {', '.join(sorted(known))}.",
        )
    function: Callable[..., Any] = found
    return function


def _arguments(entry: Callable[..., Any], *, pretrained: bool) -> dict[str, Any] | None:
    """How a function is told whether to fetch weights, by the conventions of the hub; None where it cannot be."""
    names = inspect.signature(entry).parameters
    if "pretrained" in names:
        return {"pretrained": pretrained}
    if "weights" in names:  # torchvision's, since 2022
        return {"weights": "DEFAULT" if pretrained else None}
    return None


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Modules of a folder can be imported inside; afterwards they are forgotten, so that no other code gets them."""
    before = dict(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        inside = folder.resolve()
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if name not in before and file and Path(file).resolve().is_relative_to(inside):
                del sys.modules[name]


@contextmanager
def _network(*, allowed: bool, model: str) -> Iterator[None]:
    """Unless it is allowed, torch's hub fetches nothing inside."""

    def refuse(url: str, *_: Any, **__: Any) -> None:
        raise ModelError(
            f"{model} wants to fetch {url}, and the network may not be used.",
            hint=f"On a machine with internet run: headstart models pull {model} --allow-code\n"
            f"Then copy the weights from torch's cache there to {checkpoints()}.",
        )

    if allowed:
        yield
        return
    with mock.patch("torch.hub.download_url_to_file", refuse):
        yield
