"""What a combination allows."""

from __future__ import annotations

import pytest

from headstart.core.strategy import Combination


@pytest.mark.parametrize(
    ("combination", "most"),
    [
        (Combination(), 2),
        (Combination(networks=1), 1),
        (Combination(single=True), 1),
    ],
)
def test_how_many_networks_may_be_asked(combination: Combination, most: int) -> None:
    assert combination.most_networks == most
