"""Profiles survive JSON, and count what they hold."""

from __future__ import annotations

from pathlib import Path

from headstart.core.profile import DuplicateGroup, Duplicates, Leak, PartLeaks, PartProfile, Profile

PROFILE = Profile(
    task="image-classification",
    source="photos",
    items=5,
    labels=("a", "b"),
    multi_label=False,
    parts=(PartProfile(name="train", items=3, per_label=(2, 1)), PartProfile(name="val", items=2, per_label=(1, 1))),
    per_label=(3, 2),
    balance=2 / 3,
    majority=0.6,
    unreadable={"zero bytes": 2, "truncated JPEG": 1},
    exact=Duplicates(groups=1, extra=1, examples=(DuplicateGroup(items=("x", "y"), labels=("a",)),)),
    leaks=(
        PartLeaks(
            part="val", seen_in="train", exact=1, near=0, items=2, examples=(Leak(item="y", duplicate="x", exact=True),)
        ),
    ),
)


def test_a_profile_survives_a_file(tmp_path: Path) -> None:
    PROFILE.write(tmp_path / "profile.json")
    assert Profile.read(tmp_path / "profile.json") == PROFILE


def test_unreadable_items_are_counted() -> None:
    assert PROFILE.unreadable_count == 3


def test_a_group_conflicts_where_its_labels_differ() -> None:
    assert not PROFILE.exact.examples[0].conflicting
    assert DuplicateGroup(items=("x", "y"), labels=("a", "b")).conflicting
