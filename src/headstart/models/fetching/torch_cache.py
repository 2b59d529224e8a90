"""Where torch keeps the weights that it has fetched, and fetching those of torchvision into it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from headstart.core.errors import ModelError
from headstart.core.runtime import offline
from headstart.models.fetching.reaching import SECONDS, answers
from headstart.models.files.weights import identity

FEWEST = 8
_HASH = re.compile(r"-([0-9a-f]{8,64})\.\w+$")


def checkpoints() -> Path:
    """The folder that torch keeps fetched weights in: `TORCH_HOME` moves it."""
    home = os.environ.get("TORCH_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "torch"
    return Path(home).expanduser() / "hub" / "checkpoints"


def name_of(address: str) -> str:
    """The file that the weights at an address are kept in."""
    return Path(urlsplit(address).path).name


def digits_of(name: str) -> str:
    """The first digits of the SHA-256 that a file's name promises; empty where it promises none."""
    found = _HASH.search(name)
    return found[1] if found else ""


def holding(digits: str) -> Path | None:
    """The file of the cache whose name promises these digits, or begins to; its content is not looked at."""
    found = sorted(checkpoints().glob(f"*-{digits[:FEWEST]}*.*"))
    return next((file for file in found if digits and digits_of(file.name)[:FEWEST] == digits[:FEWEST]), None)


def place_of(address: str) -> Path:
    """Where the weights at an address are in the cache, under whatever name, or would be."""
    name = name_of(address)
    return holding(digits_of(name)) or checkpoints() / name


def is_sound(file: Path) -> bool:
    """Whether a file holds what its name promises."""
    return identity([file]).removeprefix("sha256:").startswith(digits_of(file.name))


def served(address: str) -> bool:
    """Whether the server of an address answers; never when offline."""
    parts = urlsplit(address)
    return not offline() and (parts.scheme == "file" or answers(f"{parts.scheme}://{parts.netloc}"))


def fetch(address: str, *, may_ask: bool, model: str) -> Path:
    """The file with the weights at an address: of the cache where it is sound, else fetched into it.

    `model` is the id that errors speak of. Raises `ModelError`, saying how to get it, where it cannot be had.
    """
    file = place_of(address)
    damaged = file.is_file() and not is_sound(file)
    if file.is_file() and not damaged:
        return file
    why = "the network may not be used"
    if may_ask and not offline():
        why = _download(address, file)
        if not why:
            return file
    raise missing(model, file, why, damaged=damaged)


def missing(model: str, file: Path, why: str, *, damaged: bool = False) -> ModelError:
    """The error for weights that are neither reachable nor cached, with the way out."""
    cached = f"{file} is damaged: its hash is not the one in its name" if damaged else f"{file} is not there"
    return ModelError(
        f"{model} cannot be had: {why}, and {cached}.",
        hint=f"On a machine with internet run: headstart models pull {model}\n"
        f"Then copy {file.name} from torch's cache there (headstart models pull prints the path) to {file.parent}. "
        "TORCH_HOME names another cache; torchvision/NAME:FILE takes a local file.",
    )


def _download(address: str, file: Path) -> str:
    """Fetch into the cache, and compare with the hash in the name. What went wrong, or nothing."""
    import torch.hub

    if not served(address):
        return f"{urlsplit(address).netloc} does not answer within {SECONDS:.0f} seconds"
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        torch.hub.download_url_to_file(address, str(file), digits_of(file.name) or None, progress=False)
    except (OSError, RuntimeError) as error:  # RuntimeError: the hash is another
        return f"fetching {address} failed ({type(error).__name__}: {error})"
    return ""
