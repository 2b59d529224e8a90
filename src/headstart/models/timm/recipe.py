"""What timm needs to build one network, gathered from its registry, a folder or a repository. Nothing is built here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from headstart.core.errors import ModelError, did_you_mean
from headstart.models.cards import pretraining
from headstart.models.cards.licences import spdx
from headstart.models.fetching import hub
from headstart.models.files.folder import folder_id, front_matter, licence_of, read_config
from headstart.models.files.weights import escapes, identity, weight_files

# What timm's factory takes besides the arguments of the network: a folder may not decide these.
RESERVED = {
    "cache_dir",
    "checkpoint_path",
    "features_only",
    "model_name",
    "pretrained",
    "pretrained_cfg",
    "pretrained_cfg_overlay",
    "pretrained_model_args",
}
PLACES = ("file", "hf_hub_filename")
SOURCE_KEYS = (*PLACES, "url", "hf_hub_id", "source", "state_dict", "custom_load")


@dataclass(frozen=True)
class Recipe:
    """One network of timm. `config` is timm's pretrained config without the places that weights come from.

    `folder` holds the weights, where they are on this machine; `labels` are the classes of its own head, where it has
    one that classifies.
    """

    id: str
    architecture: str
    config: dict[str, Any]
    arguments: dict[str, Any] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    classifies: bool = False
    pretrained_on: str = ""
    licence: str = "unknown"
    revision: str = ""
    folder: Path | None = None


def from_registry(name: str, *, need: hub.Need, may_ask: bool) -> Recipe:
    """The recipe of `ARCHITECTURE[.TAG]`; for its structure alone, no weights have to be within reach.

    Raises `ModelError` for a name that timm does not know, and for weights that cannot be had.
    """
    recipe, repository = registered(name)
    if need == "structure":
        return recipe
    if repository is None:
        raise ModelError(
            f"{recipe.id} has no weights on the hub.",
            hint="headstart models list 'timm/*' --all shows the models that have.",
        )
    snapshot = hub.fetch(repository, need=need, may_ask=may_ask, model=recipe.id)
    return replace(recipe, folder=snapshot.folder, revision=snapshot.commit)


def registered(name: str) -> tuple[Recipe, hub.Repository | None]:
    """What timm's own registry says of `ARCHITECTURE[.TAG]`, and the repository of its weights; no network is used."""
    from timm.models import get_pretrained_cfg, is_model, split_model_name_tag

    architecture, tag = split_model_name_tag(name)
    if not is_model(architecture):
        raise _unknown(name)
    try:
        found = get_pretrained_cfg(name if tag else architecture, allow_unregistered=False)
    except RuntimeError as error:
        raise _unknown(name) from error
    if found is None:
        raise _unknown(name)
    config = found.to_dict()
    tag = config.get("tag", "")
    where = config.get("hf_hub_id")
    classes = _known_classes(config)
    recipe = Recipe(
        id=f"timm/{architecture}.{tag}" if tag else f"timm/{architecture}",
        architecture=architecture,
        config=without_places(config),
        labels=classes,
        classifies=bool(classes) or "inat" in tag,
        pretrained_on=pretraining.of_tag(tag) if found.has_weights else "",
        licence=spdx(config.get("license")),
    )
    return recipe, hub.Repository.parse(where) if where else None


def _unknown(name: str) -> ModelError:
    from timm.models import list_models, list_pretrained

    known = list_pretrained()
    base = name.partition(".")[0]
    tagged = [known_name for known_name in known if known_name.partition(".")[0] == base]
    if tagged:
        return ModelError(
            f"timm knows no weights '{name}'.{did_you_mean(name, tagged)}", hint=f"There are: {', '.join(tagged)}."
        )
    return ModelError(
        f"timm knows no model '{name}'.{did_you_mean(name, [*known, *list_models()])}",
        hint="headstart models list 'timm/*' --all shows every name.",
    )


def _known_classes(config: dict[str, Any]) -> tuple[str, ...]:
    """Class names of a head of the registry. One of image-text pairs projects and has no classes."""
    from timm.data import infer_imagenet_subset

    subset = infer_imagenet_subset(config)
    return () if subset is None else _classes_of(subset)


@lru_cache(maxsize=8)
def _classes_of(subset: str) -> tuple[str, ...]:
    from timm.data import ImageNetInfo

    info = ImageNetInfo(subset)
    names = info.label_names()
    return in_words(names, dict(zip(names, info.label_descriptions(), strict=True)))


def in_words(names: Sequence[str], descriptions: dict[str, str] | None) -> tuple[str, ...]:
    """Class names that a person can read: the description where there is one, with the name where two are alike."""
    texts = [(descriptions or {}).get(name, name) for name in names]
    times = Counter(texts)
    return tuple(f"{text} ({name})" if times[text] > 1 else text for text, name in zip(texts, names, strict=True))


def from_repository(text: str, *, need: hub.Need, may_ask: bool) -> Recipe:
    """The recipe of any repository in timm's form. Raises `ModelError` where it cannot be had or has another form."""
    repository = hub.Repository.parse(text)
    model = f"timm/hf-hub:{repository}"
    snapshot = hub.fetch(repository, need=need, may_ask=may_ask, model=model)
    recipe = _described(snapshot.folder, model)
    return replace(recipe, revision=snapshot.commit)


def from_folder(folder: Path, *, model: str = "") -> Recipe:
    """The recipe of a local folder in timm's `local-dir:` form. Raises `ModelError` where it is not in that form."""
    recipe = _described(folder, model or folder_id(folder))
    return replace(recipe, revision=identity(weight_files(folder)))


def _described(folder: Path, model: str) -> Recipe:
    from timm.models import is_model
    from timm.models._hub import load_model_config_from_path

    written = read_config(folder)
    problems = _problems(written)
    if problems:
        raise ModelError([f"{folder / 'config.json'}: {problem}" for problem in problems])
    try:
        config, architecture, arguments = load_model_config_from_path(folder)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise ModelError(f"{folder / 'config.json'} is not timm's form: {type(error).__name__}: {error}.") from error
    if not is_model(architecture):
        raise ModelError(f"{folder / 'config.json'} names the architecture '{architecture}', which timm does not know.")
    labels = in_words(config.get("label_names") or (), config.get("label_descriptions"))
    metadata = front_matter(folder)
    return Recipe(
        id=model,
        architecture=architecture,
        config=without_places(config),
        arguments=arguments,
        labels=labels if len(labels) == config.get("num_classes") else (),
        classifies=True,
        pretrained_on=_source_data(config, metadata, labels),
        licence=licence_of(metadata, config.get("license")),
        folder=folder,
    )


def _source_data(config: dict[str, Any], metadata: dict[str, Any], labels: Sequence[str]) -> str:
    """What a folder's model learnt from: its description, its README's data sets, its tag or its labels."""
    said = config.get("description")
    listed = metadata.get("datasets")
    known = [
        said.strip() if isinstance(said, str) and len(said) <= 80 else "",
        pretraining.source_data([str(name) for name in listed]) if isinstance(listed, list) else "",
        pretraining.source_data(str(config.get("tag") or "").split("_")),
        pretraining.of_labels(config.get("label_names") or ()) or pretraining.of_labels(labels),
    ]
    return next(filter(None, known), pretraining.UNKNOWN)


def _problems(written: dict[str, Any]) -> list[str]:
    """What a folder's config asks for that no folder may decide."""
    config, arguments = written.get("pretrained_cfg", written), written.get("model_args", {})
    if not isinstance(config, dict) or not isinstance(arguments, dict):
        return ["`pretrained_cfg` and `model_args` have to be objects."]
    found = [
        f"{name} is '{config[name]}', which leads out of the folder."
        for name in PLACES
        if config.get(name) and escapes(config[name])
    ]
    found += [f"model_args may not set '{name}'." for name in sorted(RESERVED & arguments.keys())]
    if not isinstance(written.get("architecture", config.get("architecture")), str):
        found.append("`architecture` has to be a name.")
    return found


def without_places(config: dict[str, Any]) -> dict[str, Any]:
    """A pretrained config that says nothing of where weights come from, nor repeats the labels."""
    dropped = (*SOURCE_KEYS, "label_names", "label_descriptions")
    return {key: value for key, value in config.items() if key not in dropped}
