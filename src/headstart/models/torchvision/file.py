"""Weights of torchvision on this machine: a file whose architecture is named, or a folder whose README names it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from headstart.core.card import Architecture, InputFacts
from headstart.core.errors import ModelError
from headstart.models.files.folder import folder_id, front_matter, licence_of, read_config, readme
from headstart.models.files.weights import identity, read_weights, tensor_shapes, weight_files
from headstart.models.torchvision.network import classes_of, fitting_shapes, laid_out, misfits
from headstart.models.torchvision.recipe import (
    ONE_THOUSAND,
    Recipe,
    assumed,
    facts_of,
    names,
    of_digits,
    said_data,
    thousand_classes,
)

PREPROCESSING = "preprocess.json"
SAYS = (
    f"{PREPROCESSING} beside the weights has resize_shorter_side, center_crop, interpolation, mean and std, for "
    "GoogLeNet and Inception transform_input, and labels where the names of the classes are known."
)
Shapes = Mapping[str, tuple[int, ...]]


def from_file(name: str, text: str) -> Recipe:
    """The recipe of a file, or a folder with one, that holds weights of an architecture.

    Raises `ModelError` where there is none, and where they are of another architecture.
    """
    path = Path(text).expanduser()
    if not path.exists():
        raise ModelError(f"The weights {path} do not exist.")
    file = _only_file(path) if path.is_dir() else path
    return _recipe(name, file, f"torchvision/{name}:{text}")


def from_folder(folder: Path) -> Recipe:
    """The recipe of a folder whose README names torchvision and an architecture that the weights in it are of.

    Raises `ModelError` where none of the architectures that it names fits.
    """
    file = _only_file(folder)
    shapes = _shapes(file)
    named = _named(folder)
    for name in named:
        architecture = Architecture(source="torchvision", name=name, arguments=_arguments(name, shapes))
        if not _problems(shapes, architecture, str(folder)):
            return _recipe(name, file, folder_id(folder))
    what = f"its weights are not of {' or '.join(named)}" if named else "its README names no network of torchvision"
    raise ModelError(
        f"What {folder} holds is not known: {what}.", hint=f"An id can say it: torchvision/NAME:{folder_id(folder)}."
    )


def _only_file(folder: Path) -> Path:
    try:
        return weight_files(folder)[0]
    except ModelError:
        found = sorted([*folder.glob("*.safetensors"), *folder.glob("*.pth"), *folder.glob("*.pt")])
        if len(found) != 1:
            raise
        return found[0]


def _named(folder: Path) -> list[str]:
    """The architectures that a README names, and the one that the folder is called after; each once."""
    known = set(names())
    words = re.findall(r"[a-z][a-z0-9_]+", f"{readme(folder)} {folder.name.partition('.')[0]}")
    return list(dict.fromkeys(word for word in words if word in known))


def _shapes(file: Path) -> Shapes:
    if file.suffix == ".safetensors":
        return tensor_shapes(file)
    return {name: tuple(value.shape) for name, value in read_weights(file).items() if hasattr(value, "shape")}


def _problems(shapes: Shapes, architecture: Architecture, model: str) -> list[str]:
    try:
        classes = classes_of(shapes, architecture, model=model)
    except ModelError as error:
        return list(error.problems)
    network = laid_out(architecture, classes=classes)
    return misfits(fitting_shapes(shapes, network), network.state_dict())


def _arguments(name: str, shapes: Shapes) -> dict[str, Any]:
    """The side of the pictures that a vision transformer's position embeddings are for."""
    positions, patches = shapes.get("encoder.pos_embedding", ()), shapes.get("conv_proj.weight", ())
    if not name.startswith("vit_") or len(positions) != 3 or len(patches) != 4:
        return {}
    return {"image_size": math.isqrt(positions[1] - 1) * patches[-1]}


def _recipe(name: str, file: Path, model: str) -> Recipe:
    revision = identity([file])
    known = of_digits(name, revision)
    if known is not None:
        return replace(known, id=model, file=file, address="")
    recipe = assumed(name)
    arguments = {**recipe.arguments, **_arguments(name, _shapes(file))}
    text = readme(file.parent)
    data = said_data(text)
    architecture = Architecture(source="torchvision", name=name, arguments=arguments)
    classes = classes_of(_shapes(file), architecture, model=model)
    ours = data == ONE_THOUSAND and classes == len(thousand_classes())
    recipe = replace(
        recipe,
        id=model,
        file=file,
        arguments=arguments,
        pretrained_on=data or "unknown",
        labels=thousand_classes() if ours else (),
        licence=licence_of(front_matter(file.parent)),
    )
    return _told(recipe, file.parent, classes=classes)


def _told(recipe: Recipe, folder: Path, *, classes: int) -> Recipe:
    """A recipe with what the folder says of preprocessing and classes."""
    needs_more = recipe.architecture in ("googlenet", "inception_v3")
    if not (folder / PREPROCESSING).is_file():
        if needs_more:
            raise ModelError(
                f"Nothing says whether the {recipe.architecture} of {recipe.id} normalises its pictures once more.",
                hint=SAYS,
            )
        return replace(recipe, input=_of_own_size(recipe.input, recipe.arguments))
    said = read_config(folder, PREPROCESSING)
    arguments = dict(recipe.arguments)
    if needs_more:
        if not isinstance(said.get("transform_input"), bool):
            raise ModelError(f"{folder / PREPROCESSING} does not say `transform_input`, true or false.", hint=SAYS)
        arguments["transform_input"] = said["transform_input"]
    labels = said.get("labels", recipe.labels)
    if len(labels) not in (0, classes):
        raise ModelError(f"{folder / PREPROCESSING} names {len(labels)} classes; the weights are for {classes}.")
    facts = _facts(said, folder / PREPROCESSING)
    return replace(recipe, input=facts, arguments=arguments, labels=tuple(map(str, labels)), notes=())


def _of_own_size(facts: InputFacts, arguments: Mapping[str, Any]) -> InputFacts:
    side = arguments.get("image_size")
    return facts if side is None else facts.model_copy(update={"size": (side, side)})


def _facts(said: Mapping[str, Any], file: Path) -> InputFacts:
    missing = [name for name in ("resize_shorter_side", "center_crop", "mean", "std") if name not in said]
    if missing:
        raise ModelError([f"{file} does not say `{name}`." for name in missing], hint=SAYS)
    try:
        return facts_of(
            resized=int(said["resize_shorter_side"]),
            crop=int(said["center_crop"]),
            interpolation=str(said.get("interpolation", "bilinear")),
            mean=tuple(said["mean"]),
            std=tuple(said["std"]),
        )
    except (TypeError, ValueError, ArithmeticError, ValidationError) as error:
        raise ModelError(f"{file} makes no sense: {' '.join(str(error).split())}.", hint=SAYS) from error
