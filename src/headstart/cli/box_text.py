"""What a profile says of boxes, as rows for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headstart.core.profile import BoxProfile, Profile, Spread


def box_rows(profile: Profile, boxes: BoxProfile) -> list[tuple[str, str]]:
    """Rows of a name and what there is to say."""
    ignored = f", and {boxes.ignored} ignored (crowds, difficult ones)" if boxes.ignored else ""
    counts = ", ".join(f"{label} {count}" for label, count in zip(profile.labels, boxes.per_label, strict=True))
    return [
        ("boxes", f"{boxes.boxes}{ignored}"),
        ("boxes of", counts),
        ("boxes a picture", f"{_spread(boxes.a_picture, 0)}; none in {boxes.empty}"),
        ("side of a box", f"{_spread(boxes.side, 0)} pixels"),
        ("share of picture", f"{_spread(boxes.share, 2)} of its side"),
        ("small, medium, large", f"{boxes.small}, {boxes.medium}, {boxes.large} (below 32, below 96, from 96 pixels)"),
    ]


def _spread(spread: Spread, digits: int) -> str:
    low, middle, high = (f"{value:.{digits}f}" for value in (spread.smallest, spread.median, spread.largest))
    return f"{low} to {high}, median {middle}" if low != high else low
