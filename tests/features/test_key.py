"""Everything that changes features changes the key."""

from __future__ import annotations

from typing import Any

import pytest

from headstart.core.card import Architecture, InputFacts
from tests.features.samples import key_of

CHANGES: dict[str, Any] = {
    "model": "test/other",
    "revision": "2",
    "weights": "1" * 32,
    "architecture": Architecture(source="test", name="tiny", arguments={"depth": 2}),
    "input": InputFacts(size=(16, 16), crop_fraction=0.875),
    "view": "mirrored",
    "decoding": 2,
    "precision": "bfloat16",
    "kind": "stages",
    "width": 5,
    "format": 3,
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_fact_matters(name: str) -> None:
    assert key_of().model_copy(update={name: CHANGES[name]}).folder_name() != key_of().folder_name()


def test_no_fact_is_forgotten_here() -> None:
    assert set(CHANGES) == set(type(key_of()).model_fields)


def test_the_name_is_the_same_every_time() -> None:
    assert key_of().folder_name() == key_of().folder_name()
    assert len(key_of().folder_name()) == 32
