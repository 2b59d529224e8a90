"""What a person should know before training on a data set, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from headstart.core.modality import counted, noun, nouns
from headstart.core.profile import PartLeaks, Profile

UNBALANCED = 0.1
SMALL_SIDE = 32
SHOWN = 5
_FEW = ("no {0}", "only one {0}", "fewer than ten {1}")


def warnings(profile: Profile) -> Iterator[str]:
    """Sentences about a profile, the gravest first; its own `warnings` are not looked at."""
    yield from _unreadable(profile)
    yield from _leaks(profile.leaks, profile.modality)
    yield from _conflicts(profile)
    yield from _classes(profile)
    yield from _copies(profile)
    yield from _sizes(profile)


def listed(names: Sequence[str], *, shown: int = SHOWN) -> str:
    """`'a', 'b' and 3 more`."""
    quoted = [f"'{name}'" for name in names[:shown]]
    rest = [f"{len(names) - shown} more"] if len(names) > shown else []
    every = [*quoted, *rest]
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} and {every[-1]}"


def _unreadable(profile: Profile) -> Iterator[str]:
    count = profile.unreadable_count
    if count:
        reasons = "; ".join(f"{reason} ({number})" for reason, number in profile.unreadable.items())
        found = counted(count, profile.modality)
        yield f"{found} cannot be read and {'is' if count == 1 else 'are'} left out: {reasons}."


def _leaks(leaks: Sequence[PartLeaks], modality: str) -> Iterator[str]:
    for leak in leaks:
        total = leak.exact + leak.near
        kinds = [f"{leak.exact} exactly"] * bool(leak.exact) + [f"{leak.near} nearly"] * bool(leak.near)
        example = leak.examples[0]
        yield (
            f"{total} of the {counted(leak.items, modality)} of {leak.part} {'is' if total == 1 else 'are'} also in "
            f"{leak.seen_in} ({', '.join(kinds)}), such as {example.item} and {example.duplicate}: results on "
            f"{leak.part} look better than they are, so they are given with and without them."
        )


def _conflicts(profile: Profile) -> Iterator[str]:
    for kind, duplicates in (("are there several times", profile.exact), ("look the same", profile.near)):
        if duplicates.conflicting:
            group = duplicates.examples[0]
            yield (
                f"{_groups(duplicates.conflicting)} of {nouns(profile.modality)} that {kind} "
                f"{'has' if duplicates.conflicting == 1 else 'have'} different labels, such as "
                f"{listed(group.items, shown=2)} ({', '.join(group.labels)}): check which label is right."
            )


def _groups(count: int) -> str:
    return f"{count} group" if count == 1 else f"{count} groups"


def _classes(profile: Profile) -> Iterator[str]:
    if len(profile.labels) == 1 and not profile.structured:
        yield f"There is only one class, '{profile.labels[0]}': nothing to tell apart."
    few = {words: [label for label, count in profile.few.items() if _few(count) == words] for words in _FEW}
    for words, labels in few.items():
        if labels:
            said = words.format(noun(profile.modality), nouns(profile.modality))
            yield f"{listed(labels)} {'has' if len(labels) == 1 else 'have'} {said} to learn from."
    counts = dict(zip(profile.labels, profile.per_label, strict=True))
    if len(counts) > 1 and not (profile.multi_label or profile.structured) and profile.balance < UNBALANCED:
        largest, smallest = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
        yield (
            f"The classes are unbalanced: '{largest}' has {counted(counts[largest], profile.modality)}, "
            f"'{smallest}' {counts[smallest]}. Always answering '{largest}' would score {profile.majority:.1%}; "
            "balanced accuracy or macro F1 says more."
        )


def _few(count: int) -> str:
    return _FEW[min(count, 2)]


def _copies(profile: Profile) -> Iterator[str]:
    for kind, duplicates in (("exact", profile.exact), ("near", profile.near)):
        if duplicates.extra == 1:
            yield f"{counted(1, profile.modality)} is {'an' if kind == 'exact' else 'a'} {kind} copy of another."
        elif duplicates.extra:
            yield f"{counted(duplicates.extra, profile.modality)} are {kind} copies of others."
    if profile.near_search:
        yield profile.near_search


def _sizes(profile: Profile) -> Iterator[str]:
    if profile.pictures is not None and min(profile.pictures.width.median, profile.pictures.height.median) < SMALL_SIDE:
        width, height = profile.pictures.width.median, profile.pictures.height.median
        yield f"The pictures are small ({width:.0f} x {height:.0f} pixels is typical): they are enlarged for the model."
