"""Targets that are more than labels: counting, renumbering, identity."""

from __future__ import annotations

import numpy as np

from headstart.core.targets import Boxes, Entities, column_of

PLACES = np.array([2, 0, 1], np.int32)


def boxes(labels: list[int], ignored: list[bool]) -> Boxes:
    corners = np.arange(4 * len(labels), dtype=np.float32).reshape(-1, 4)
    return Boxes(corners, np.array(labels, np.int32), np.array(ignored, np.bool_))


def test_ignored_boxes_are_not_counted() -> None:
    assert boxes([0, 2, 2, 2], [False, False, True, False]).counts(3).tolist() == [1, 0, 2]


def test_boxes_keep_their_places_under_other_numbers() -> None:
    found = boxes([0, 1, 2], [False, True, False]).renumbered(PLACES)
    assert found.labels.tolist() == [2, 0, 1]
    assert found.ignored.tolist() == [False, True, False]


def test_entities_are_counted_by_their_first_words() -> None:
    words = np.array([[0, 1], [2, 3], [4, 5], [6, 7]], np.int32)
    entities = Entities(words, np.array([1, 2, 0, 3], np.int32))
    assert entities.counts(2).tolist() == [1, 1]


def test_the_tags_of_an_entity_move_together() -> None:
    words = np.array([[0, 1], [2, 3], [4, 5], [6, 7]], np.int32)
    found = Entities(words, np.array([1, 2, 0, 5], np.int32)).renumbered(PLACES)
    assert found.tags.tolist() == [5, 6, 0, 3]


def test_the_digest_tells_contents_apart_and_nothing_else() -> None:
    assert boxes([0, 1], [False, False]).digest() == boxes([0, 1], [False, False]).digest()
    assert boxes([0, 1], [False, False]).digest() != boxes([0, 1], [False, True]).digest()
    assert len(boxes([], []).digest()) == 16


def test_a_column_holds_one_object_an_item() -> None:
    column = column_of([boxes([0], [False]), boxes([1], [False])])
    assert column.shape == (2,)
    assert column.dtype == object
    assert column[np.array([1])][0].labels.tolist() == [1]
