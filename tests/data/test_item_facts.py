from __future__ import annotations

import numpy as np

from headstart.data.item_facts import counts_of, spread_of


def test_spread_and_counts() -> None:
    spread = spread_of(np.array([1, 2, 3, 4, 5]))
    assert (spread.smallest, spread.lower, spread.median, spread.upper, spread.largest) == (1, 2, 3, 4, 5)
    assert list(counts_of(np.array(["b", "a", "b"])).items()) == [("b", 2), ("a", 1)]
