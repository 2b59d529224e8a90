"""A scanned data set -> its profile: what is in it, and what a person should know before training on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headstart.core.dataset import Dataset, Indices, Part
from headstart.core.profile import (
    DuplicateGroup,
    Duplicates,
    Leak,
    PartLeaks,
    PartProfile,
    Profile,
)
from headstart.data.copies import Copies, Seen
from headstart.data.item_facts import ItemFacts
from headstart.data.parts import part_of
from headstart.data.profile_warnings import warnings
from headstart.data.target_checks import described_targets

FEW = 10
EXAMPLES = 100
LEAK_EXAMPLES = 1000
SHOWN_ITEMS = 20


def profile(dataset: Dataset, facts: ItemFacts) -> Profile:
    """Describe a data set with the facts that `scan` found out about the same items. Nothing is changed or left out."""
    _check(dataset, facts)
    copies = Copies(facts)
    per_label = _per_label(dataset)
    described = Profile(
        task=dataset.task,
        source=dataset.source,
        items=len(dataset),
        labels=dataset.labels,
        multi_label=dataset.multi_label,
        structured=dataset.structured,
        parts=_parts(dataset),
        per_label=per_label,
        balance=min(per_label, default=0) / max(1, *per_label),
        majority=max(per_label, default=0) / max(1, len(dataset)),
        groups=None if dataset.groups is None else len(np.unique(dataset.groups[dataset.groups >= 0])),
        domains=_domains(dataset),
        unreadable={line.reason: len(line.items) for line in facts.unreadable},
        exact=_duplicates(dataset, copies.exact_groups),
        near=_duplicates(dataset, copies.near_groups, near=True),
        near_search=facts.near_search,
        leaks=_leaks(dataset, copies),
        few=_few(dataset),
        **facts.described(),
        **described_targets(dataset, facts),
    )
    return described.model_copy(update={"warnings": tuple(warnings(described))})


def leaked_items(dataset: Dataset, facts: ItemFacts) -> Indices:
    """Positions, within the test part, of items that have an exact or near duplicate outside it.

    Training data and validation data count alike: a model has been chosen with the latter.
    """
    _check(dataset, facts)
    seen = Copies(facts).seen(dataset.indices(Part.TEST), among=dataset.indices(Part.TRAIN, Part.VALIDATION))
    return np.flatnonzero(seen.exact | seen.near).astype(np.int64)


def _check(dataset: Dataset, facts: ItemFacts) -> None:
    if len(dataset) != len(facts):
        raise ValueError(f"facts about {len(facts)} items do not belong to a data set of {len(dataset)}")


def _per_label(dataset: Dataset, items: Indices | None = None) -> tuple[int, ...]:
    dataset = dataset.simplified()
    targets = dataset.targets if items is None else dataset.targets[items]
    if dataset.multi_label:
        return tuple(int(count) for count in targets.sum(axis=0, dtype=np.int64))
    return tuple(int(count) for count in np.bincount(targets, minlength=len(dataset.labels)))


def _part_names(dataset: Dataset) -> dict[Part, str]:
    """The parts that have items, under the names that they came with."""
    given = {part_of(word): word for word in dataset.given_parts}
    present = [part for part in Part if np.any(dataset.parts == part)]
    return {part: given.get(part, "all" if part == Part.UNASSIGNED else part.name.lower()) for part in present}


def _parts(dataset: Dataset) -> tuple[PartProfile, ...]:
    return tuple(
        PartProfile(name=name, items=len(items), per_label=_per_label(dataset, items))
        for part, name in _part_names(dataset).items()
        for items in [dataset.indices(part)]
    )


def _domains(dataset: Dataset) -> dict[str, int]:
    if dataset.domains is None:
        return {}
    codes, counts = np.unique(dataset.domains[dataset.domains >= 0], return_counts=True)
    return {dataset.domain_names[code]: int(count) for code, count in zip(codes, counts, strict=True)}


def _few(dataset: Dataset) -> dict[str, int]:
    """Labels with few items to learn from, rarest first."""
    counts = _per_label(dataset, dataset.indices(Part.TRAIN, Part.UNASSIGNED))
    rare = [(count, label) for label, count in zip(dataset.labels, counts, strict=True) if count < FEW]
    return {label: count for count, label in sorted(rare)}


def _duplicates(dataset: Dataset, groups: Sequence[Indices], *, near: bool = False) -> Duplicates:
    conflicting = [_disagree(dataset, items, near=near) for items in groups]
    first = sorted(range(len(groups)), key=lambda place: not conflicting[place])[:EXAMPLES]
    return Duplicates(
        groups=len(groups),
        extra=sum(len(items) - 1 for items in groups),
        conflicting=sum(conflicting),
        examples=tuple(_group(dataset, groups[place]) for place in first),
    )


def _disagree(dataset: Dataset, items: Indices, *, near: bool = False) -> bool:
    """Whether copies have different targets; boxes, pixels and words of copies that only look alike always differ."""
    targets = dataset.targets[items]
    if dataset.structured:
        return not near and len({target.digest() for target in targets}) > 1
    return bool((targets != targets[0]).any())


def _group(dataset: Dataset, items: Indices) -> DuplicateGroup:
    labels = dict.fromkeys(_label(dataset, int(item)) for item in items)
    return DuplicateGroup(
        items=tuple(dataset.inputs.name(int(item)) for item in items[:SHOWN_ITEMS]), labels=tuple(labels)
    )


def _label(dataset: Dataset, item: int) -> str:
    if dataset.structured:
        counts = dataset.targets[item].counts(len(dataset.labels))
        found = [f"{counts[label]} {dataset.labels[label]}" for label in np.flatnonzero(counts)]
        return " + ".join(found) or "nothing"
    if dataset.multi_label:
        names = [dataset.labels[label] for label in np.flatnonzero(dataset.targets[item])]
        return " + ".join(names) or "no label"
    return dataset.labels[int(dataset.targets[item])]


def _leaks(dataset: Dataset, copies: Copies) -> tuple[PartLeaks, ...]:
    names = {part: name for part, name in _part_names(dataset).items() if part != Part.UNASSIGNED}
    found: list[PartLeaks] = []
    for part, name in names.items():
        items = dataset.indices(part)
        for other in (other for other in names if other < part):
            seen = copies.seen(items, among=dataset.indices(other))
            if seen.exact.any() or seen.near.any():
                found.append(_part_leaks(dataset, items, seen, name, names[other]))
    return tuple(found)


def _part_leaks(dataset: Dataset, items: Indices, seen: Seen, part: str, seen_in: str) -> PartLeaks:
    exact, near = np.flatnonzero(seen.exact), np.flatnonzero(seen.near)
    shown = [*exact, *near][:LEAK_EXAMPLES]
    return PartLeaks(
        part=part,
        seen_in=seen_in,
        exact=len(exact),
        near=len(near),
        items=len(items),
        examples=tuple(
            Leak(
                item=dataset.inputs.name(int(items[place])),
                duplicate=dataset.inputs.name(int(seen.copy[place])),
                exact=bool(seen.exact[place]),
            )
            for place in shown
        ),
    )
