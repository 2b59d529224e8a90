from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.dataset import Dataset, Part
from headstart.core.errors import DataError, OptionError
from headstart.data.split_book import SplitBook, load_pinned, save_split
from headstart.data.splitting import assign_parts
from headstart.data.units import group_keys
from tests.data.pictures import items_of, reasons
from tests.data.synthetic import synthetic

Book = Callable[[Dataset], SplitBook]
TRAIN, VALIDATION, TEST = Part.TRAIN, Part.VALIDATION, Part.TEST


def label_of(picture: int) -> int:
    """Equal pictures have equal labels: a class of every size from one on."""
    return int(np.sqrt(picture))


PICTURES = st.lists(st.integers(0, 80), min_size=1, max_size=80)
FRACTIONS = st.sampled_from([0.0, 0.1, 0.2, 0.45])


def unsplit(pictures: list[int]) -> Dataset:
    return synthetic(pictures, [label_of(picture) for picture in pictures])


def decided(dataset: Dataset) -> dict[Any, int]:
    """The part of each picture; two parts for equal pictures are an error."""
    found: dict[Any, set[int]] = {}
    for index, part in enumerate(dataset.parts.tolist()):
        found.setdefault(dataset.inputs.read(index), set()).add(part)
    assert all(len(parts) == 1 for parts in found.values()), "equal pictures must be on one side"
    return {picture: parts.pop() for picture, parts in found.items()}


def pins(dataset: Dataset) -> dict[bytes, int]:
    """What is remembered of a split, as a plain dictionary."""
    assert dataset.content is not None
    decisions = {row.tobytes(): int(part) for row, part in zip(dataset.content, dataset.parts, strict=True)}
    if dataset.groups is not None:
        names = [dataset.group_names[group] for group in dataset.groups]
        keys = map(bytes, group_keys(names))
        decisions.update(zip(keys, dataset.parts.tolist(), strict=True))
    return decisions


@pytest.fixture
def book_of(tmp_path: Path) -> Book:
    """What is remembered of a split, by way of the disk."""

    def remembered(dataset: Dataset) -> SplitBook:
        save_split(dataset, tmp_path / "split.parquet")
        return load_pinned(tmp_path / "split.parquet")

    return remembered


@given(PICTURES, FRACTIONS, FRACTIONS)
def test_every_item_has_a_part_and_every_class_what_it_has_pictures_for(
    pictures: list[int], validation: float, test: float
) -> None:
    dataset = assign_parts(unsplit(pictures), validation=validation, test=test)
    assert dataset.parts.dtype == np.int8
    parts = decided(dataset)
    needed = [TRAIN, *([VALIDATION] if validation else []), *([TEST] if test else [])]
    assert set(dataset.parts.tolist()) <= set(needed)
    for label in {label_of(picture) for picture in pictures}:
        own = {picture: part for picture, part in parts.items() if label_of(picture) == label}
        assert set(needed[: len(own)]) <= set(own.values())


@given(PICTURES, PICTURES)
def test_added_pictures_move_no_old_ones(old: list[int], added: list[int]) -> None:
    before = assign_parts(unsplit(old))
    after = assign_parts(unsplit(added + old), pinned=pins(before))
    parts = decided(after)
    assert {picture: parts[picture] for picture in old} == decided(before)


@given(st.sets(st.integers(0, 10_000), min_size=60, max_size=120), st.sets(st.integers(10_001, 20_000)))
def test_large_classes_need_no_memory_of_the_split(old: set[int], added: set[int]) -> None:
    before = decided(assign_parts(synthetic(sorted(old), [0] * len(old))))
    both = sorted(old | added, reverse=True)
    after = decided(assign_parts(synthetic(both, [0] * len(both))))
    if set(before.values()) == {TRAIN, VALIDATION, TEST} and min(Counter(before.values()).values()) > 1:
        assert {picture: after[picture] for picture in old} == before


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9), st.integers(0, 2)), min_size=1, max_size=60), st.data()
)
def test_groups_never_straddle_and_never_move(items: list[tuple[int, int, int]], data: st.DataObject) -> None:
    def grouped(chosen: list[tuple[int, int, int]]) -> Dataset:
        pictures, groups, labels = zip(*chosen, strict=True)
        return synthetic(pictures, labels, groups=[f"patient {group}" for group in groups])

    def by_group(dataset: Dataset) -> dict[str, set[int]]:
        assert dataset.groups is not None
        found: dict[str, set[int]] = {}
        for group, part in zip(dataset.groups, dataset.parts.tolist(), strict=True):
            found.setdefault(dataset.group_names[group], set()).add(part)
        return found

    whole = assign_parts(grouped(items))
    decided(whole)
    assert all(len(parts) == 1 for parts in by_group(whole).values())
    for label in {label for _, _, label in items}:
        assert TRAIN in whole.parts[whole.targets == label]
    old = items[: data.draw(st.integers(1, len(items)))]
    before = assign_parts(grouped(old))
    later = assign_parts(grouped(items), pinned=pins(before))
    after = by_group(later)
    assert all(len(parts) == 1 for parts in after.values())
    assert {group: after[group] for group in by_group(before)} == by_group(before)


@given(st.permutations(range(30)))
def test_the_order_of_items_does_not_matter(order: list[int]) -> None:
    assert decided(assign_parts(unsplit(order))) == decided(assign_parts(unsplit(list(range(30)))))


def test_fractions_are_kept_on_average_and_test_and_validation_are_apart() -> None:
    dataset = assign_parts(synthetic(range(20_000), [0, 1] * 10_000), validation=0.1, test=0.3)
    shares = np.bincount(dataset.parts, minlength=3) / len(dataset)
    assert abs(shares - [0.6, 0.1, 0.3]).max() < 0.01
    assert dataset.ledger.lines == ()


def test_a_lower_fraction_gives_a_subset() -> None:
    dataset = synthetic(range(1000), [0] * 1000, parts=[TRAIN] * 999 + [TEST], given_parts=("train", "test"))
    small, large = (assign_parts(dataset, validation=fraction).indices(VALIDATION) for fraction in (0.1, 0.3))
    assert set(small) < set(large)


def given_parts(*parts: Part, words: tuple[str, ...]) -> Dataset:
    each = 40
    chosen = [part for part in parts for _ in range(each)]
    return synthetic(range(len(chosen)), [0, 1] * (len(chosen) // 2), parts=chosen, given_parts=words)


def test_three_given_parts_stay_as_they_are() -> None:
    dataset = given_parts(TRAIN, VALIDATION, TEST, words=("train", "val", "test"))
    assert assign_parts(dataset).parts.tolist() == dataset.parts.tolist()


def test_a_given_test_part_is_not_touched() -> None:
    dataset = assign_parts(given_parts(TRAIN, TEST, words=("train", "test")))
    assert dataset.indices(TEST).tolist() == list(range(40, 80))
    assert 0 < len(dataset.indices(VALIDATION)) < 20
    assert dataset.given_parts == ("train", "test")


def test_given_validation_data_become_the_held_out_report() -> None:
    dataset = assign_parts(given_parts(TRAIN, VALIDATION, words=("train", "val")))
    assert dataset.indices(TEST).tolist() == list(range(40, 80))
    assert len(dataset.indices(VALIDATION)) > 0
    assert dataset.given_parts == ("train", "val")


def test_training_data_alone_are_split_in_three() -> None:
    dataset = assign_parts(given_parts(TRAIN, words=("train",)))
    assert set(dataset.parts.tolist()) == {TRAIN, VALIDATION, TEST}


def test_nothing_to_train_on_is_an_error() -> None:
    with pytest.raises(DataError, match="nothing to train on, only val, test"):
        assign_parts(given_parts(VALIDATION, TEST, words=("val", "test")))


def test_a_picture_that_is_also_in_the_given_test_part_stays_where_it_is() -> None:
    dataset = synthetic("aabc", [0, 0, 1, 0], parts=[TEST, TRAIN, TRAIN, TRAIN], given_parts=("train", "test"))
    assert assign_parts(dataset).parts[0] == TEST
    assert assign_parts(dataset).parts[1] != TEST


@pytest.mark.parametrize(("validation", "test"), [(0.5, 0.5), (-0.1, 0.2), (0.9, 0.2)])
def test_fractions_that_leave_nothing(validation: float, test: float) -> None:
    with pytest.raises(OptionError, match="leave nothing to train on"):
        assign_parts(unsplit([1, 2]), validation=validation, test=test)


def test_no_fractions_leave_everything_for_training() -> None:
    assert set(assign_parts(unsplit(list(range(50))), validation=0, test=0).parts.tolist()) == {TRAIN}


def test_unscanned_data_cannot_be_split() -> None:
    with pytest.raises(ValueError, match="content hashes"):
        assign_parts(replace(unsplit([1]), content=None))


def test_multi_label_items_are_split_by_their_hash() -> None:
    targets = np.zeros((400, 3), np.uint8)
    targets[:, 0] = 1
    many = assign_parts(synthetic(range(400), targets))
    assert many.parts.tolist() == assign_parts(synthetic(range(400), [0] * 400)).parts.tolist()
    few = assign_parts(synthetic("abc", targets[:3]))
    assert sorted(few.parts.tolist()) == [TRAIN, VALIDATION, TEST]
    assert few.ledger.lines == ()


def test_classes_that_a_part_lacks_are_noted() -> None:
    dataset = assign_parts(synthetic(["a", *range(50)], [0] + [1] * 50))
    assert reasons(dataset.ledger) == {
        "noted: too few pictures or groups: none of the class is in the validation part": ("class 0",),
        "noted: too few pictures or groups: none of the class is in the test part": ("class 0",),
    }


def test_equal_pictures_with_different_labels_stay_together() -> None:
    pictures = [*"abcdefgh", *"abcdefgh"]
    dataset = assign_parts(synthetic(pictures, [0] * 8 + [1] * 8))
    assert dataset.parts[:8].tolist() == dataset.parts[8:].tolist()
    assert set(dataset.parts.tolist()) == {TRAIN, VALIDATION, TEST}


def test_new_pictures_of_a_known_group_go_where_the_group_is(book_of: Book) -> None:
    groups = [f"g{number}" for number in range(30)]
    before = assign_parts(synthetic(range(30), [0, 1] * 15, groups=groups))
    book = book_of(before)
    after = assign_parts(synthetic(range(100, 130), [1, 0] * 15, groups=groups), pinned=book)
    assert after.parts.tolist() == before.parts.tolist()


def test_a_new_group_goes_where_most_of_its_known_pictures_are(book_of: Book) -> None:
    before = assign_parts(synthetic(range(60), [0, 1] * 30, groups=[f"g{number}" for number in range(60)]))
    held_out = before.indices(TEST)
    items = [before.inputs.read(int(index)) for index in held_out]
    renamed = synthetic(
        [*items, *range(100, 150)], [0, 1] * 25 + [0] * len(items), groups=["new"] * len(items) + ["x", "y"] * 25
    )
    assert set(assign_parts(renamed, pinned=book_of(before)).parts[: len(items)].tolist()) == {TEST}


def test_other_fractions_take_earlier_decisions_back(book_of: Book) -> None:
    dataset = unsplit(list(range(80)))
    book = book_of(assign_parts(dataset))
    again = assign_parts(dataset, validation=0.45, test=0.1, pinned=book)
    assert again.parts.tolist() == assign_parts(dataset, validation=0.45, test=0.1).parts.tolist()
    assert items_of(again.ledger, "split anew") == ("0.2 and 0.2 before, now 0.45 and 0.1",)


def test_decisions_for_parts_that_are_given_now_do_not_count() -> None:
    before = assign_parts(unsplit(list(range(80))))
    now = synthetic(range(80), [label_of(picture) for picture in range(80)], parts=[TRAIN] * 70 + [TEST] * 10)
    after = assign_parts(now, pinned=pins(before))
    assert after.indices(TEST).tolist() == list(range(70, 80))
    validation = set(before.indices(VALIDATION).tolist())
    assert {index for index in validation if index < 70} <= set(after.indices(VALIDATION).tolist())
