"""A folder with a pretrained model in it: which library wrote it, and what it says about itself."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headstart.core.errors import ModelError
from headstart.core.run_record import REQUEST
from headstart.models.cards.licences import spdx
from headstart.models.transformers.image_towers import is_image_network

CONFIG = "config.json"
DESCRIPTION = "model.json"
RUN_WEIGHTS = "weights.safetensors"
KERAS, SAVED_MODEL, HUBCONF = ".keras", "saved_model.pb", "hubconf.py"
README = ("README.md", "MODEL_CARD.md")
LARGEST_CONFIG = 32 * 2**20
_FRONT_MATTER = re.compile(r"\s*---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_KEYS = {"architecture": "timm", "model_type": "hf"}
FORMS = (
    "A model's folder has config.json with `architecture` (timm) or `model_type` (transformers), and its weights; or "
    "weights of torchvision and a README that says so; or a preset of KerasHub; or saved_model.pb (TensorFlow), or "
    "hubconf.py (./FOLDER:ENTRY). A file may be a .keras one."
)


def source_of(folder: Path) -> str:
    """The name of the source that a local folder, or file of Keras, belongs to. Raises `ModelError` for any other."""
    if not folder.exists():
        raise ModelError(f"The model folder {folder} does not exist.")
    if folder.is_file() and folder.suffix == KERAS:
        return "keras"
    if not folder.is_dir():
        raise ModelError(f"{folder} is a file; a model is a folder.", hint=FORMS)
    if (folder / DESCRIPTION).is_file() and (folder / RUN_WEIGHTS).is_file():
        return "saved-run"
    if (folder / SAVED_MODEL).is_file():
        return "tfhub"
    if (folder / HUBCONF).is_file() and not (folder / CONFIG).exists():
        return "torchhub"
    if not (folder / CONFIG).exists() and _weights(folder) and "torchvision" in readme(folder).lower():
        return "torchvision"
    config = read_config(folder)
    if is_keras_preset(config):
        return "keras"
    found = next((source for key, source in _KEYS.items() if key in config), None)
    if found is None:
        raise ModelError(f"{folder / CONFIG} has neither `architecture` nor `model_type`.", hint=FORMS)
    return found


def is_keras_preset(config: Mapping[str, Any]) -> bool:
    """Whether a `config.json` is that of a preset of KerasHub."""
    return str(config.get("registered_name", "")).startswith("keras_hub>")


def _weights(folder: Path) -> bool:
    return any(file.suffix in (".safetensors", ".pth", ".pt", ".bin") for file in folder.iterdir())


def holds_images(folder: Path) -> bool:
    """Whether a folder says that it holds an image network of transformers: a classifier, or what lies below one."""
    try:
        return is_image_network(read_config(folder))
    except ModelError:
        return False


def read_config(folder: Path, name: str = CONFIG) -> dict[str, Any]:
    """A JSON object of a model's folder. Raises `ModelError` where it is missing or is none."""
    file = folder / name
    try:
        if file.stat().st_size > LARGEST_CONFIG:
            raise ModelError(f"{file} has {file.stat().st_size} bytes: that is no description of a model.")
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _without(folder, name) from error
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{file} is not readable JSON: {error}.") from error
    if not isinstance(content, dict):
        raise ModelError(f"{file} holds a {type(content).__name__}, not a JSON object.")
    return content


def _without(folder: Path, name: str) -> ModelError:
    if not (folder / REQUEST).is_file():
        return ModelError(f"{folder} has no {name}.", hint=FORMS)
    return ModelError(
        f"{folder} holds a run that is not finished, and no model yet.",
        hint=f"Finish it first: headstart {_begun_by(folder)} --resume {shlex.quote(str(folder))}\n"
        "Or give another model: headstart models list shows some.",
    )


def _begun_by(folder: Path) -> str:
    """The command whose unfinished run lies in a folder."""
    try:
        return str(json.loads((folder / REQUEST).read_text(encoding="utf-8"))["command"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "fit"


def front_matter(folder: Path) -> dict[str, Any]:
    """The metadata at the head of the folder's README, as hubs write it; empty where there is none."""
    import yaml

    found = _FRONT_MATTER.match(readme(folder))
    try:
        content = yaml.safe_load(found[1]) if found else None
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}  # a README is prose: one without readable metadata says nothing, and that is no fault
    return content if isinstance(content, dict) else {}


def readme(folder: Path) -> str:
    """What a folder's README says, as far as it can be read; empty where there is none."""
    for name in README:
        file = folder / name
        if file.is_file() and file.stat().st_size <= LARGEST_CONFIG:
            return file.read_text(encoding="utf-8-sig", errors="replace")
    return ""


def licence_of(metadata: dict[str, Any], otherwise: object = None) -> str:
    """The SPDX id of the licence in a README's metadata, else of `otherwise`, else `unknown`."""
    named = metadata.get("license")
    if named == "other":
        named = metadata.get("license_name")
    return spdx(named if isinstance(named, str) and spdx(named) != "unknown" else otherwise)


def folder_id(folder: Path) -> str:
    """The id that leads back to a local folder: absolute paths and those that start with a dot are ids as they are."""
    text = str(folder)
    return text if folder.is_absolute() or text.startswith(".") else f"./{folder.as_posix()}"
