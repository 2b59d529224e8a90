"""What is in a data set: counts, sizes, duplicates, leaks, and what a person should know before training on it."""

from __future__ import annotations

from headstart.core.modality import Modality, modality_of
from headstart.core.record import Record


class PartProfile(Record):
    """One part under the user's own name for it; `per_label` counts items by label, in the order of the labels."""

    name: str
    items: int
    per_label: tuple[int, ...]


class Spread(Record):
    """Smallest, lower quartile, median, upper quartile and largest of N values."""

    smallest: float
    lower: float
    median: float
    upper: float
    largest: float


class PictureProfile(Record):
    """Sizes in pixels of the upright pictures, their bytes in all, and how many there are of each kind.

    `modes` are Pillow's names for colour models, `depths` bits a channel.
    """

    width: Spread
    height: Spread
    bytes: int
    formats: dict[str, int]
    modes: dict[str, int]
    depths: dict[str, int]


class TextProfile(Record):
    """Lengths of the texts in characters and in words between spaces, and how many were encoded in what.

    `pairs` says that an item is a pair of texts, whose lengths are taken together.
    """

    characters: Spread
    words: Spread
    pairs: bool = False
    encodings: dict[str, int] = {}


class MaskProfile(Record):
    """How the pixels of all masks are shared out: `pixels` of each label, in the order of the labels, and `ignored`."""

    pixels: tuple[int, ...]
    ignored: int

    @property
    def all_pixels(self) -> int:
        """All pixels together."""
        return sum(self.pixels) + self.ignored


class EntityProfile(Record):
    """Tagged words: how many a text has, the entities in all and of each label, and how many words these have.

    `share_of_words` of all words are in entities, and `without` texts have none.
    """

    words: Spread
    entities: int
    per_label: tuple[int, ...]
    length: Spread | None
    share_of_words: float
    without: int


class BoxProfile(Record):
    """Boxes in a data set; `per_label`, spreads and sizes leave out the ignored ones.

    `a_picture` is how many there are in a picture, `empty` how many pictures have none. `side` is the square root of a
    box's area in pixels, `share` the same as a share of the picture's. `small`, `medium` and `large` are COCO's sizes:
    boxes of areas below 32 squared pixels, below 96 squared, and from there on.
    """

    boxes: int
    ignored: int
    per_label: tuple[int, ...]
    a_picture: Spread
    empty: int
    side: Spread
    share: Spread
    small: int
    medium: int
    large: int


class DuplicateGroup(Record):
    """Items that are one picture or text, and the labels that they were given."""

    items: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def conflicting(self) -> bool:
        """Whether the items do not agree on their labels."""
        return len(self.labels) > 1


class Duplicates(Record):
    """Items that are there more than once.

    `extra` counts the items beyond the first of each group, `conflicting` the groups whose items disagree on the label.
    `examples` lists groups, conflicting ones first: all of them up to a limit.
    """

    groups: int = 0
    extra: int = 0
    conflicting: int = 0
    examples: tuple[DuplicateGroup, ...] = ()


class Leak(Record):
    """An item of one part and one of its duplicates in another part."""

    item: str
    duplicate: str
    exact: bool


class PartLeaks(Record):
    """How many items of `part` have a duplicate in the part `seen_in`; `examples` lists them, up to a limit."""

    part: str
    seen_in: str
    exact: int
    near: int
    items: int
    examples: tuple[Leak, ...]


class Profile(Record):
    """A data set, described.

    `structured` says that what is to be predicted is more than labels: `per_label` then counts the items that have
    anything of a label. `balance` is the size of the smallest class divided by that of the largest, and `majority` the
    share of the largest: what always answering with it would score. `unreadable` counts items left out by reason.
    `near_search` is a sentence on how near duplicates were looked for, where that was not the usual way. `warnings` are
    sentences for people.
    """

    task: str
    source: str
    items: int
    labels: tuple[str, ...]
    multi_label: bool
    structured: bool = False
    parts: tuple[PartProfile, ...]
    per_label: tuple[int, ...]
    balance: float
    majority: float
    groups: int | None = None
    domains: dict[str, int] = {}
    pictures: PictureProfile | None = None
    texts: TextProfile | None = None
    masks: MaskProfile | None = None
    entities: EntityProfile | None = None
    boxes: BoxProfile | None = None
    unreadable: dict[str, int] = {}
    exact: Duplicates = Duplicates()
    near: Duplicates = Duplicates()
    near_search: str = ""
    leaks: tuple[PartLeaks, ...] = ()
    few: dict[str, int] = {}
    warnings: tuple[str, ...] = ()

    @property
    def modality(self) -> Modality:
        """Whether the items are pictures or texts."""
        return modality_of(self.task)

    @property
    def unreadable_count(self) -> int:
        """How many items were left out because they cannot be read."""
        return sum(self.unreadable.values())
