"""Which names of classes a config means, and which are only placeholders."""

from __future__ import annotations

from typing import Any

import pytest

from headstart.models.cards.label_names import label_names


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"1": "bee", "0": "ant", "10": "wasp", "2": "fly"}, ("ant", "bee", "fly", "wasp")),
        ({"0": "LABEL_0", "1": "LABEL_1"}, ()),
        (None, ()),
        ({"x": "ant"}, ()),
        ({}, ()),
    ],
)
def test_label_names(names: Any, expected: tuple[str, ...]) -> None:
    assert label_names({"id2label": names}) == expected
