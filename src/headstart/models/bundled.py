"""The models of pictures that come with Headstart: the folders of `starter/`, in timm's `local-dir:` form."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from headstart.core.errors import ModelError, did_you_mean
from headstart.models.files.folder import CONFIG, read_config
from headstart.models.files.weights import SAFE, count_weights


def home() -> Path:
    """The folder of the package that bundled models lie in; it may be missing where none is bundled."""
    return Path(str(files("headstart.models"))) / "starter"


def bundled() -> list[str]:
    """The names of the bundled models, the largest first."""
    there = [file.parent for file in home().glob(f"*/{CONFIG}") if (file.parent / SAFE).is_file()]
    there = [folder for folder in there if "model_type" not in read_config(folder)]
    return [folder.name for folder in sorted(there, key=lambda folder: (-_size(folder), folder.name))]


def folder_of(name: str) -> Path:
    """The folder of one bundled model. Raises `ModelError` for a name that there is not."""
    known = bundled()
    if name not in known:
        there = f"Bundled: {', '.join(f'starter/{known_name}' for known_name in known)}." if known else ""
        raise ModelError(
            f"No model 'starter/{name}' is bundled.{did_you_mean(name, known)}",
            hint=there or "This installation bundles no model.",
        )
    return home() / name


def _size(folder: Path) -> int:
    return sum(count_weights(folder / SAFE).values())
