from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headstart.core.errors import DataError
from headstart.data.written_boxes import SHOWN_PROBLEMS, Drawn, boxes_dataset, refuse, written


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
