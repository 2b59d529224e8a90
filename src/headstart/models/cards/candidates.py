"""What was asked for -> the models that come into question. No weights are loaded.

An item names a model, several (a pattern, or a folder of models), or is a list of items with commas between them.
"""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from headstart.core.candidates import Candidates, Limits, Skipped
from headstart.core.card import Gives, ModelCard
from headstart.core.errors import ModelError, OptionError, did_you_mean
from headstart.core.runtime import offline
from headstart.models import SOURCES, card, list_cards, resolve
from headstart.models.cards.licences import PERMISSIVE, known_licences, spdx
from headstart.models.cards.listing import at_hand, where
from headstart.models.cards.remembered import remembered
from headstart.models.fetching import hub
from headstart.models.files.folder import folder_id, source_of
from headstart.models.files.weights import check_weights
from headstart.models.identifiers import FOLDER

__all__ = ["Candidates", "Limits", "Skipped", "broken", "expand"]

MARKS = "*?["
# Of these sources every name is known here, so that a name that is not is a mistake and not out of reach.
REGISTRIES = ("timm", "torchvision", "starter")
ANYTHING = Limits()
OWN = "LicenseRef-"
NOT_ALLOWED = "it is not in the cache, and the network may not be used"
NO_ANSWER = "it is not in the cache, and the hub does not answer"


@dataclass
class _Found:
    """What has been found so far: cards by id, those left out by id, and the mistakes in what was asked for."""

    cards: dict[str, ModelCard] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add(self, found: ModelCard) -> None:
        self.cards.setdefault(found.id, found)

    def skip(self, model: str, error: ModelError) -> None:
        self.skipped.setdefault(model, "; ".join(problem.rstrip(".") for problem in error.problems))


def expand(
    models: Sequence[str] = (),
    *,
    everything: bool = False,
    limits: Limits = ANYTHING,
    modality: Literal["image", "text"] = "image",
    needs: Sequence[Gives] = ("pooled",),
) -> Candidates:
    """The models that `models` stand for; none stands for the shortlist, the bundled and the cached ones.

    An item is an id, a pattern of ids (of those at hand; with `everything` of all that the libraries know), a folder of
    a model or of several, a pattern of folders such as `runs/*`, or several of these with commas between them. What
    cannot be had or is beyond the limits is among the skipped, with the reason.

    Raises `OptionError` for items that stand for nothing and for licences that there are not, all at once.
    """
    found = _Found(problems=_licence_problems(limits))
    items = [item.strip() for text in models for item in text.split(",")]
    for item in items or ["*"]:
        _expand_item(item, found, everything=everything)
    if found.problems:
        raise OptionError(found.problems, hint="headstart models list shows the models at hand.")
    if not items:  # nobody asked for what reads something else than the data
        found.cards = {name: entry for name, entry in found.cards.items() if entry.modality == modality}
    kept = []
    for candidate in found.cards.values():
        why = _out_of_reach(candidate) or broken(candidate, limits)
        complete = candidate if why else _completed(candidate, found)
        if complete is not None:
            why = why or _unfit(complete, modality=modality, needs=needs) or broken(complete, limits)
            if why:
                found.skipped[candidate.id] = why
            else:
                kept.append(complete)
    skipped = tuple(Skipped(id=model, why=why) for model, why in found.skipped.items())
    return Candidates(cards=tuple(kept), skipped=skipped)


def broken(candidate: ModelCard, limits: Limits) -> str | None:
    """The first limit that what is known of a model breaks, as a reason; None where it breaks none.

    Latency, and memory beside that of the weights, have to be measured: `latency.over` says what they break.
    """
    count = candidate.parameters
    if limits.max_parameters is not None and count is not None and count > limits.max_parameters:
        return f"it has {count / 1e6:.1f} M weights, more than {limits.max_parameters / 1e6:g} M"
    if limits.max_memory is not None and count is not None and 4 * count > limits.max_memory:
        return f"its weights alone take {4 * count / 1e6:,.0f} MB, more than {limits.max_memory / 1e6:,.0f} MB"
    allowed = _allowed(limits.licences)
    if allowed and candidate.licence not in allowed:
        what = "is not known" if candidate.licence == "unknown" else f"is {candidate.licence}"
        return f"its licence {what}; allowed: {', '.join(limits.licences)}"
    return None


def _allowed(licences: Iterable[str]) -> set[str]:
    named = set(licences)
    broad = PERMISSIVE if "permissive" in named else frozenset()
    return {name if name.startswith(OWN) else spdx(name) for name in named - {"permissive"}} | broad


def _licence_problems(limits: Limits) -> list[str]:
    known = known_licences()
    return [
        f"Unknown licence '{name}'.{did_you_mean(name, ['permissive', *known])}"
        for name in limits.licences
        if name != "permissive" and not name.startswith(OWN) and spdx(name) not in known
    ]


def _expand_item(item: str, found: _Found, *, everything: bool) -> None:
    if not item:
        found.problems.append("One of the models is empty.")
    elif any(mark in item for mark in MARKS):
        _expand_pattern(item, found, everything=everything)
    elif _is_folder(item) and not _is_model(Path(item).expanduser()):
        _expand_folder(Path(item).expanduser(), found)
    else:
        _expand_id(item, found)


def _is_folder(item: str) -> bool:
    return item.partition("/")[0] not in SOURCES and Path(item).expanduser().is_dir()


def _is_model(folder: Path) -> bool:
    try:
        source_of(folder)
    except ModelError:
        return False
    return True


def _expand_id(item: str, found: _Found) -> None:
    try:
        source, rest = resolve(item)
        repository = hub.Repository.parse(_hub_name(source, rest)) if _hub_name(source, rest) else None
    except ModelError as error:
        found.problems.extend(error.problems)
        return
    at_once = next((entry for entry in at_hand(glob.escape(item)) if entry.id == item), None)
    if at_once is None and repository is not None and hub.cached(repository) is None and not hub.reachable():
        found.skipped.setdefault(item, NOT_ALLOWED if offline() else NO_ANSWER)
        return
    try:
        found.add(at_once or _sound(remembered(item) if _is_local(source, rest) else card(item, pretrained=False)))
    except ModelError as error:
        if source in REGISTRIES and not _is_local(source, rest) and repository is None:
            found.problems.extend(error.problems)
        else:
            found.skip(item, error)


def _hub_name(source: str, rest: str) -> str:
    """The repository that an id names outright; empty for any other id."""
    if rest.startswith("hf-hub:"):
        return rest.removeprefix("hf-hub:")
    return rest if source == "hf" and not rest.startswith(FOLDER) else ""


def _is_local(source: str, rest: str) -> bool:
    return rest.startswith(FOLDER) or source == "starter"


def _expand_folder(folder: Path, found: _Found) -> None:
    """Every folder in a folder, but for hidden ones."""
    inside = sorted(child for child in folder.iterdir() if child.is_dir() and not child.name.startswith("."))
    if not any(_is_model(child) for child in inside):
        found.problems.append(f"There is no model in {folder}, and it is none.")
        return
    _expand_folders(inside, found)


def _expand_folders(folders: Iterable[Path], found: _Found) -> None:
    for folder in folders:
        name = folder_id(folder)
        try:
            found.add(_sound(remembered(name)))
        except ModelError as error:
            found.skip(name, error)


def _sound(local: ModelCard) -> ModelCard:
    """A card whose weights, where they are safetensors on this machine, are whole. Raises `ModelError` otherwise."""
    place = Path(local.location) if local.location else None
    if place is not None:
        for file in (place,) if place.is_file() else sorted(place.glob("*.safetensors")):
            check_weights(file)
    return local


def _expand_pattern(pattern: str, found: _Found, *, everything: bool) -> None:
    if _is_path(pattern):
        folders = _matching(Path(pattern).expanduser())
        if not folders:
            found.problems.append(f"No folder matches '{pattern}'.")
        _expand_folders(folders, found)
        return
    before = len(found.cards)
    matching = {entry.id: entry for entry in _known(pattern, everything=everything)}
    for entry in matching.values():
        found.add(entry)
    if not matching and before == len(found.cards):
        more = "" if everything else " of those at hand; with --all every name of the libraries is looked at"
        found.problems.append(f"No model matches '{pattern}'{more}.")


def _matching(pattern: Path) -> list[Path]:
    first = next(place for place, part in enumerate(pattern.parts) if any(mark in part for mark in MARKS))
    found = Path(*pattern.parts[:first]).glob("/".join(pattern.parts[first:]))
    return sorted(folder for folder in found if folder.is_dir())


def _is_path(pattern: str) -> bool:
    start, slash, _ = pattern.partition("/")
    if pattern.startswith(("./", "../", "~", "/")) or Path(pattern).is_absolute():
        return True
    return bool(slash) and not any(mark in start for mark in MARKS) and start not in SOURCES and Path(start).is_dir()


def _known(pattern: str, *, everything: bool) -> Iterator[ModelCard]:
    yield from at_hand(pattern)
    for entry in SOURCES["torchvision"].cards(pattern):
        if where(entry) == "cached":
            yield entry
    if everything:
        yield from (entry for entry in list_cards(pattern) if fnmatchcase(entry.id, pattern))


def _unfit(candidate: ModelCard, *, modality: str, needs: Sequence[Gives]) -> str | None:
    if candidate.modality != modality:
        return f"it is for {candidate.modality}, not for {modality}"
    lacking = [need for need in needs if need not in candidate.gives]
    return f"it does not give {', '.join(lacking)}" if lacking else None


def _out_of_reach(candidate: ModelCard) -> str | None:
    """Why the weights cannot be had, without asking for them by name; None where they can be, or may be."""
    if where(candidate) != "hub":
        return None
    if offline():
        return NOT_ALLOWED
    if candidate.source == "torchvision":
        from headstart.models.sources.from_torchvision import is_served

        return None if is_served(candidate.id) else "it is not in the cache, and its server does not answer"
    return None if hub.reachable() else NO_ANSWER


def _completed(candidate: ModelCard, found: _Found) -> ModelCard | None:
    """A card with its counts, for which the network is laid out without weights; None where that cannot be done."""
    if candidate.parameters is not None and candidate.width is not None and candidate.source != "starter":
        return candidate
    try:
        full = card(candidate.id, pretrained=where(candidate) != "hub")
    except ModelError as error:
        found.skip(candidate.id, error)
        return None
    return full.model_copy(update={"upstream_accuracy": full.upstream_accuracy or candidate.upstream_accuracy})
