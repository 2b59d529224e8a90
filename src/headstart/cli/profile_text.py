"""A profile as plain text for people: what there is, class by class, and what to know before training."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from headstart.cli.box_text import box_rows
from headstart.cli.evaluation_text import printable
from headstart.cli.sizes import size
from headstart.core.modality import counted, noun, nouns

if TYPE_CHECKING:
    from headstart.core.ledger import Ledger
    from headstart.core.profile import Duplicates, EntityProfile, PictureProfile, Profile, Spread, TextProfile

MOST_CLASSES, END_CLASSES = 30, 10


def profile_text(profile: Profile, ledger: Ledger, *, width: int | None = None) -> str:
    """Text at most `width` columns wide, by default that of the terminal (80 where there is none)."""
    columns = width or min(max(shutil.get_terminal_size((80, 24)).columns, 60), 120)
    blocks = [
        _wrapped(_headline(profile), columns),
        _facts(profile, columns),
        _classes(profile, columns),
        _bullets("What to know:", profile.warnings, columns),
        _bullets("Ledger:", [str(line) for line in ledger.lines], columns),
    ]
    return "\n\n".join(block for block in blocks if block)


def _headline(profile: Profile) -> str:
    kind = f"{'several labels' if profile.multi_label else 'one label'} a {noun(profile.modality)}"
    classes = "class" if len(profile.labels) == 1 else "classes"
    counts = f"{counted(profile.items, profile.modality)}, {len(profile.labels)} {classes}"
    counts += "" if profile.structured else f", {kind}"
    return f"{printable(profile.source)}: {profile.task.replace('-', ' ')}, {counts}"


def _facts(profile: Profile, width: int) -> str:
    rows = [("parts", ", ".join(f"{part.name} {part.items}" for part in profile.parts))]
    if not (profile.multi_label or profile.structured):
        rows.append(
            ("balance", f"smallest class / largest {profile.balance:.2f}; largest {profile.majority:.1%} of all")
        )
    if profile.groups is not None:
        rows.append(("groups", str(profile.groups)))
    if profile.domains:
        rows.append(("domains", _counts(profile.domains)))
    if profile.pictures is not None:
        rows += _picture_facts(profile.pictures)
    if profile.masks is not None:
        rows.append(("pixels left out", f"{profile.masks.ignored / max(1, profile.masks.all_pixels):.2%}"))
    if profile.texts is not None:
        rows += _text_facts(profile.texts)
    if profile.entities is not None:
        rows += _entity_facts(profile.entities)
    if profile.boxes is not None:
        rows += box_rows(profile, profile.boxes)
    rows += [
        ("unreadable", str(profile.unreadable_count)),
        ("exact copies", _copies(profile.exact)),
        ("near copies", _copies(profile.near)),
        ("leaks", _leaks(profile)),
    ]
    return _table(("", ""), rows, width, words=2)


def _picture_facts(pictures: PictureProfile) -> list[tuple[str, str]]:
    return [
        ("width", _spread(pictures.width)),
        ("height", _spread(pictures.height)),
        ("bytes", size(pictures.bytes)),
        ("formats", _counts(pictures.formats)),
        ("colours", _counts(pictures.modes)),
        ("bits a channel", _counts(pictures.depths)),
    ]


def _text_facts(texts: TextProfile) -> list[tuple[str, str]]:
    return [
        ("characters", _spread(texts.characters, unit="")),
        ("words", _spread(texts.words, unit="")),
        ("encoded in", _counts(texts.encodings)),
    ]


def _entity_facts(entities: EntityProfile) -> list[tuple[str, str]]:
    without = f", none in {entities.without} texts" if entities.without else ""
    rows = [("words a text", _spread(entities.words, unit=""))]
    rows.append(("entities", f"{entities.entities}, with {entities.share_of_words:.1%} of all words{without}"))
    if entities.length is not None:
        rows.append(("words an entity", _spread(entities.length, unit="")))
    return rows


def _spread(spread: Spread, *, unit: str = " pixels") -> str:
    if spread.smallest == spread.largest:
        return f"{spread.median:.0f}{unit}"
    middle = f"half of them {spread.lower:.0f} to {spread.upper:.0f}, median {spread.median:.0f}"
    return f"{spread.smallest:.0f} to {spread.largest:.0f}{unit}, {middle}"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{printable(name)} {count}" for name, count in counts.items())


def _copies(duplicates: Duplicates) -> str:
    if not duplicates.groups:
        return "none"
    conflicts = f", {duplicates.conflicting} with different labels" if duplicates.conflicting else ""
    return f"{duplicates.extra} in {_number(duplicates.groups, 'group')}{conflicts}"


def _leaks(profile: Profile) -> str:
    found = [f"{leak.exact} exact and {leak.near} near from {leak.seen_in} into {leak.part}" for leak in profile.leaks]
    return "; ".join(found) or ("none" if len(profile.parts) > 1 else "not split yet")


def _number(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _classes(profile: Profile, width: int) -> str:
    """Every class, or the largest and smallest where there are many, with its pictures in each part."""
    order = list(range(len(profile.labels)))
    title = ""
    if len(order) > MOST_CLASSES:
        by_size = sorted(order, key=lambda label: -profile.per_label[label])
        order = [*by_size[:END_CLASSES], *by_size[-END_CLASSES:]]
        title = f"The {END_CLASSES} largest and the {END_CLASSES} smallest of {len(profile.labels)} classes:\n"
    several = len(profile.parts) > 1
    header = ["class", *(part.name for part in profile.parts if several), nouns(profile.modality)]
    shares = _pixel_shares(profile)
    header += ["pixels"] if shares else []
    rows = [
        [
            printable(profile.labels[label]),
            *(str(part.per_label[label]) for part in profile.parts if several),
            str(profile.per_label[label]),
            *shares[label : label + 1],
        ]
        for label in order
    ]
    return title + _table(header, rows, width)


def _pixel_shares(profile: Profile) -> list[str]:
    """The share of each label in all pixels that have one; empty for data without masks."""
    masks = profile.masks
    return [] if masks is None else [f"{count / max(1, sum(masks.pixels)):.2%}" for count in masks.pixels]


def _bullets(title: str, sentences: Sequence[str], width: int) -> str:
    if not sentences:
        return ""
    return "\n".join([title, *(_wrapped(printable(sentence), width, first="- ") for sentence in sentences)])


def _table(header: Sequence[str], rows: Iterable[Sequence[str]], width: int, *, words: int = 1) -> str:
    """The first columns hold words, which may be folded; the others numbers."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=any(header))
    for place, title in enumerate(header):
        table.add_column(title, justify="left" if place < words else "right", overflow="fold", no_wrap=place >= words)
    for row in rows:
        table.add_row(*row)
    text = io.StringIO()
    Console(file=text, width=width, color_system=None, markup=False, emoji=False, highlight=False).print(table)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def _wrapped(text: str, width: int, *, first: str = "") -> str:
    from rich.console import Console
    from rich.text import Text

    lines = Text(text).wrap(Console(width=width, file=io.StringIO()), width - len(first))
    return "\n".join((" " * len(first) if place else first) + line.plain.rstrip() for place, line in enumerate(lines))
