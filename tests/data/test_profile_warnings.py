"""What is worth saying is said, in sentences that are right for one and for many; the rest is not."""

from __future__ import annotations

import pytest

from headstart.core.profile import DuplicateGroup, Duplicates, Leak, PartLeaks, PictureProfile, Profile, Spread
from headstart.data.profile_warnings import listed, warnings

QUIET = Profile(
    task="image-classification",
    source="photos",
    items=200,
    labels=("cat", "dog"),
    multi_label=False,
    parts=(),
    per_label=(110, 90),
    balance=90 / 110,
    majority=0.55,
)


def pictures(side: float) -> PictureProfile:
    spread = Spread(smallest=1, lower=side, median=side, upper=side, largest=9999)
    return PictureProfile(width=spread, height=spread, bytes=1, formats={}, modes={}, depths={})


def leak(exact: int, near: int) -> PartLeaks:
    example = Leak(item="test/a.jpg", duplicate="train/b.jpg", exact=exact > 0)
    return PartLeaks(part="test", seen_in="train", exact=exact, near=near, items=90, examples=(example,))


GROUP = DuplicateGroup(items=("1.jpg", "2.jpg", "3.jpg"), labels=("cat", "dog"))

SAID = [
    ({"unreadable": {"zero bytes": 1}}, "1 picture cannot be read and is left out: zero bytes (1)."),
    (
        {"unreadable": {"zero bytes": 2, "truncated JPEG": 1}},
        "3 pictures cannot be read and are left out: zero bytes (2); truncated JPEG (1).",
    ),
    (
        {"leaks": (leak(2, 1),)},
        "3 of the 90 pictures of test are also in train (2 exactly, 1 nearly), such as test/a.jpg and train/b.jpg: "
        "results on test look better than they are, so they are given with and without them.",
    ),
    ({"leaks": (leak(0, 1),)}, "1 of the 90 pictures of test is also in train (1 nearly)"),
    (
        {"exact": Duplicates(groups=3, extra=4, conflicting=1, examples=(GROUP,))},
        "1 group of pictures that are there several times has different labels, such as '1.jpg', '2.jpg' and 1 more "
        "(cat, dog): check which label is right.",
    ),
    (
        {"near": Duplicates(groups=3, extra=4, conflicting=2, examples=(GROUP,))},
        "2 groups of pictures that look the same have different labels",
    ),
    ({"exact": Duplicates(groups=1, extra=1)}, "1 picture is an exact copy of another."),
    ({"near": Duplicates(groups=1, extra=1)}, "1 picture is a near copy of another."),
    ({"near": Duplicates(groups=2, extra=4)}, "4 pictures are near copies of others."),
    ({"labels": ("cat",), "per_label": (9,)}, "There is only one class, 'cat': nothing to tell apart."),
    ({"few": {"dog": 0}}, "'dog' has no picture to learn from."),
    ({"few": {"cat": 1, "dog": 1}}, "'cat' and 'dog' have only one picture to learn from."),
    ({"few": {"dog": 9}}, "'dog' has fewer than ten pictures to learn from."),
    (
        {"per_label": (190, 10), "balance": 10 / 190, "majority": 0.95},
        "The classes are unbalanced: 'cat' has 190 pictures, 'dog' 10. Always answering 'cat' would score 95.0%; "
        "balanced accuracy or macro F1 says more.",
    ),
    ({"near_search": "Not looked for."}, "Not looked for."),
    (
        {"pictures": pictures(28)},
        "The pictures are small (28 x 28 pixels is typical): they are enlarged for the model.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "sentence"), SAID)
def test_what_is_worth_saying_is_said(change: dict[str, object], sentence: str) -> None:
    said = list(warnings(QUIET.model_copy(update=change)))
    assert any(text.startswith(sentence) for text in said), said


def test_nothing_is_said_of_ordinary_data() -> None:
    assert list(warnings(QUIET.model_copy(update={"pictures": pictures(500)}))) == []


def test_imbalance_of_several_labels_a_picture_is_ordinary() -> None:
    assert list(warnings(QUIET.model_copy(update={"multi_label": True, "balance": 0.01}))) == []


@pytest.mark.parametrize(
    ("names", "text"),
    [(["a"], "'a'"), (["a", "b"], "'a' and 'b'"), (["a", "b", "c", "d"], "'a', 'b', 'c' and 1 more")],
)
def test_names_are_listed(names: list[str], text: str) -> None:
    assert listed(names, shown=3) == text
