"""A profile as text: everything in it, within the width of the terminal."""

from __future__ import annotations

import pytest

from headstart.cli.profile_text import profile_text
from headstart.core.ledger import Ledger
from headstart.core.profile import Duplicates, PartProfile, PictureProfile, Profile, Spread
from tests.core.test_profile import PROFILE

SPREAD = Spread(smallest=12, lower=100, median=200, upper=300, largest=4000)
PICTURES = PictureProfile(
    width=SPREAD,
    height=Spread(smallest=9, lower=9, median=9, upper=9, largest=9),
    bytes=1_500_000,
    formats={"JPEG": 4, "PNG": 1},
    modes={"RGB": 4, "I;16": 1},
    depths={"8": 4, "16": 1},
)
FULL = PROFILE.model_copy(
    update={
        "pictures": PICTURES,
        "groups": 3,
        "domains": {"phone": 2, "studio": 3},
        "near": Duplicates(groups=1, extra=2, conflicting=1),
        "warnings": ("Something long to say " * 20,),
    }
)
LEDGER = Ledger.of([("skipped", "zero bytes", "a/\x1b[31mred.jpg"), ("converted", "CMYK converted to RGB", "b.jpg")])


def test_everything_is_said() -> None:
    text = profile_text(FULL, LEDGER, width=120)
    for part in (
        "photos: image classification, 5 pictures, 2 classes, one label a picture",
        "train 3, val 2",
        "smallest class / largest 0.67; largest 60.0% of all",
        "phone 2, studio 3",
        "12 to 4000 pixels, half of them 100 to 300, median 200",
        "9 pixels",
        "1.5 MB",
        "JPEG 4, PNG 1",
        "RGB 4, I;16 1",
        "8 4, 16 1",
        "1 in 1 group",
        "2 in 1 group, 1 with different labels",
        "1 exact and 0 near from train into val",
        "What to know:",
        "Ledger:",
        "- skipped 1: zero bytes",
    ):
        assert part in text


def test_names_cannot_reach_the_terminal_as_commands() -> None:
    text = profile_text(FULL, LEDGER, width=120)
    assert "\x1b" not in text
    assert "\\x1b[31mred.jpg" in text


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(map(len, profile_text(FULL, LEDGER, width=width).splitlines())) <= width


def test_classes_are_counted_by_part() -> None:
    lines = [line.split() for line in profile_text(FULL, Ledger(), width=80).splitlines()]
    assert ["class", "train", "val", "pictures"] in lines
    assert ["a", "2", "1", "3"] in lines
    assert ["b", "1", "1", "2"] in lines


def test_of_many_classes_the_ends_are_shown() -> None:
    labels = tuple(f"class-{number:03d}" for number in range(200))
    counts = tuple(range(1, 201))
    many = Profile(
        task="image-classification",
        source="photos",
        items=sum(counts),
        labels=labels,
        multi_label=True,
        parts=(PartProfile(name="all", items=sum(counts), per_label=counts),),
        per_label=counts,
        balance=1 / 200,
        majority=0.01,
    )
    text = profile_text(many, Ledger(), width=80)
    assert "The 10 largest and the 10 smallest of 200 classes:" in text
    assert "class-199" in text
    assert "class-000" in text
    assert "class-100" not in text
    assert "not split yet" in text
    assert "balance" not in text
