from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headstart.core.errors import DataError
from headstart.data.written_boxes import SHOWN_PROBLEMS, Drawn, boxes_dataset, is_text, refuse, shared_pictures, written


def test_boxes_keep_what_the_file_calls_them_when_labels_change() -> None:
    boxes = written([(1, 2, 3, 4)], [1], size=(9, 9), named=("annotation", [77]))
    again = boxes.renumbered(np.array([5, 6], np.int32))
    assert (again.labels.tolist(), again.called(0), again.size) == ([6], "annotation 77", (9, 9))
    assert boxes.ignored.tolist() == [False]


def test_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no picture with boxes"):
        boxes_dataset(tmp_path, [], ["a"], [])
    with pytest.raises(DataError, match="no class"):
        boxes_dataset(tmp_path, [Drawn("a.png", "", written([], []))], [], [])


def test_of_very_many_problems_the_first_are_told() -> None:
    with pytest.raises(DataError) as error:
        refuse([f"problem {number}" for number in range(1000)], hint="do")
    assert len(error.value.problems) == SHOWN_PROBLEMS + 1
    assert error.value.problems[-1] == f"And {1000 - SHOWN_PROBLEMS} more of this kind."
    refuse([], hint="do")


def test_what_is_beyond_32_bits_is_infinite(recwarn: pytest.WarningsRecorder) -> None:
    assert np.isinf(written([(0, 0, 1e300, 5)], [0]).xyxy[0, 2])
    assert not len(recwarn)


def test_names_of_classes() -> None:
    assert [is_text(name) for name in ("cat", "猫", "", " ", "\ud800", None, 5)] == [True, True, *[False] * 5]


def test_a_picture_that_is_there_before() -> None:
    none = written([], [])
    drawn = [Drawn("a.png", "train", none), Drawn("./a.png", "train", none), Drawn(b"a.png", "val", none)]
    assert shared_pictures(drawn) == ["a.png is twice in train.", "a.png is in train and val."]
    assert shared_pictures(drawn, within=False) == ["a.png is in train and val."]
